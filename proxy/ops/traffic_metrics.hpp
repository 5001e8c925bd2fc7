// What is counted of traffic, as metrics. Pure.
#pragma once

#include "proxy/ops/metric_sheet.hpp"
#include "proxy/ops/totals.hpp"

namespace postern::ops {

// A series that counts by reason, cipher or method is there from its first count on; the others always are.
void add_traffic(metric_sheet& to, const totals& of);

}  // namespace postern::ops
