#include "proxy/ops/metric_sheet.hpp"

#include "proxy/ops/text.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <deque>
#include <vector>

namespace postern::ops {
namespace {

using counting::seconds;

prometheus::ClientMetric& add_metric(prometheus::MetricFamily& to, metric_sheet::labels with) {
    auto& made = to.metric.emplace_back();
    for (const auto& [name, value] : with) {
        if (value.empty()) continue;
        auto& label = made.label.emplace_back();
        label.name = name;
        append_readable_text(label.value, value);
    }
    return made;
}

}  // namespace

// A deque, whose elements stay where they are.
struct metric_sheet::families {
    std::deque<prometheus::MetricFamily> all;

    family add(std::string_view name, std::string_view help, prometheus::MetricType type) {
        return family(all.emplace_back(prometheus::MetricFamily{
            .name = std::string(name), .help = std::string(help), .type = type, .metric = {}}));
    }
};

metric_sheet::metric_sheet() : families_(std::make_unique<families>()) {}

metric_sheet::~metric_sheet() = default;

metric_sheet::family metric_sheet::counter(std::string_view name, std::string_view help) {
    return families_->add(name, help, prometheus::MetricType::Counter);
}

metric_sheet::family metric_sheet::gauge(std::string_view name, std::string_view help) {
    return families_->add(name, help, prometheus::MetricType::Gauge);
}

metric_sheet::family metric_sheet::histogram(std::string_view name, std::string_view help) {
    return families_->add(name, help, prometheus::MetricType::Histogram);
}

void metric_sheet::family::add(labels l, double value) {
    auto& made = add_metric(on_, l);
    (on_.type == prometheus::MetricType::Counter ? made.counter.value : made.gauge.value) = value;
}

void metric_sheet::family::add(labels l, const counting::distribution& d) {
    auto& made = add_metric(on_, l).histogram;
    made.sample_sum = seconds(d.sum);
    // The serializer adds the bucket of +Inf, which is the count.
    for (std::size_t i = 0; i < d.bounds.size(); ++i) {
        made.sample_count += d.counts[i];
        made.bucket.push_back({made.sample_count, seconds(d.bounds[i])});
    }
    if (!d.counts.empty()) made.sample_count += d.counts.back();
}

std::string metric_sheet::text() const {
    return prometheus::TextSerializer().Serialize({families_->all.begin(), families_->all.end()});
}

}  // namespace postern::ops
