// Metrics of one moment, to be read by Prometheus: families of values with labels, and their text.
#pragma once

#include "counting/histogram.hpp"

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace prometheus {
struct MetricFamily;
}  // namespace prometheus

namespace postern::ops {

class metric_sheet {
public:
    // What is not ASCII, UTF-8 or printable in a value is escaped; a label without a value is left out.
    using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    // A metric; valid as long as the sheet. Each set of labels must be added once.
    class family {
    public:
        explicit family(prometheus::MetricFamily& on) : on_(on) {}
        void add(labels l, double value);
        // For histograms, in seconds.
        void add(labels l, const counting::distribution& d);

    private:
        prometheus::MetricFamily& on_;
    };

    metric_sheet();
    ~metric_sheet();
    metric_sheet(const metric_sheet&) = delete;
    metric_sheet& operator=(const metric_sheet&) = delete;

    [[nodiscard]] family counter(std::string_view name, std::string_view help);
    [[nodiscard]] family gauge(std::string_view name, std::string_view help);
    [[nodiscard]] family histogram(std::string_view name, std::string_view help);

    // In the text format (version 0.0.4).
    [[nodiscard]] std::string text() const;
    static constexpr auto content_type = "text/plain; version=0.0.4; charset=utf-8";

private:
    struct families;
    std::unique_ptr<families> families_;
};

}  // namespace postern::ops
