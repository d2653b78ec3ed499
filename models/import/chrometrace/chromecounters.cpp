// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/chrometrace/chromecounters.h"

#include "base/text.h"

#include <cmath>

namespace tailscope::import::chrome {

namespace {

constexpr std::size_t kMaxMetricBytes = 1024;

std::optional<double> numberOf(const Attribute &argument)
{
    switch (argument.type) {
    case AttributeType::Integer:
        return static_cast<double>(argument.integer);
    case AttributeType::Real:
        return argument.real;
    case AttributeType::Text:
        return parseLenientDouble(argument.text);
    default:
        return std::nullopt;
    }
}

} // namespace

SeriesRef ChromeCounters::seriesOf(const ChromeEvent &event, std::uint32_t process, std::string_view argument)
{
    m_key.assign(event.name);
    if (event.id.scope != EventId::Scope::None)
        m_key.append(1, '[').append(event.id.value.text).append(1, ']');
    m_key.append(1, ' ').append(argument);
    const std::size_t metricBytes = utf8Prefix(m_key, kMaxMetricBytes).size();
    m_key.resize(metricBytes);
    m_key.append(1, '\x1f').append(std::to_string(process));
    const auto found = m_series.find(m_key);
    if (found != m_series.end())
        return found->second;
    if (m_series.size() >= kMaxSeries)
        return SeriesRef::None;
    const std::string_view metric = std::string_view(m_key).substr(0, metricBytes);
    SeriesRow row;
    row.metric = row.foreignName = metric;
    row.labelsJson = "{}";
    row.kind = SeriesKind::Gauge;
    row.track = m_tracks.processTrack(process);
    return m_series.emplace(m_key, m_sink.series(row)).first->second;
}

void ChromeCounters::add(const ChromeEvent &event, ChromeTracks::Place place, AttributeList args)
{
    m_report.rowRead();
    if (args.empty())
        m_report.note(IssueSeverity::Info, "counter-without-value", event.offset,
            "counter \"" + std::string(event.name) + "\" has no argument");
    for (const Attribute &argument : args) {
        const std::optional<double> value = numberOf(argument);
        if (!value) {
            m_report.note(IssueSeverity::Notice, "counter-not-a-number", event.offset,
                "argument \"" + std::string(argument.key) + "\" of counter \"" + std::string(event.name)
                    + "\" is not a number; its other arguments were taken");
            continue;
        }
        const SeriesRef series = seriesOf(event, place.process, argument.key);
        if (series == SeriesRef::None) {
            m_report.note(IssueSeverity::DataLoss, "too-many-series", event.offset,
                "more than 100,000 counter series: values of further ones were left out");
            continue;
        }
        m_sink.point(series, event.ts.ns, *value);
    }
}

} // namespace tailscope::import::chrome
