// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/statsd/statsd.h"

#include "base/text.h"
#include "import/common/linereader.h"
#include "import/common/timetext.h"
#include "import/statsd/statsdline.h"

#include <string>
#include <unordered_map>
#include <unordered_set>

namespace tailscope::import {

namespace {

using statsd::StatsdLine;

constexpr FormatDescriptor kDescriptor{
    "statsd",
    "statsd lines",
    "*.statsd *.log *.txt",
    SourceKind::Metrics,
    "Written down by a relay, a proxy or tcpdump: name:value|type, with tags of Datadog or Influx.",
};
constexpr std::size_t kMaxLine = 64 * 1024;
/// Gauges and sets whose state is remembered.
constexpr std::size_t kMaxStates = 65'536;
constexpr std::size_t kMaxMembers = 1'000'000; ///< of all sets together

class StatsdReader final : public Reader
{
public:
    explicit StatsdReader(const ReadOptions &options)
        : m_time(options)
    {}
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    void takeLine(const Line &line, MetricRows &rows, ImportReport &report);
    bool takeValue(std::string_view text, Nanos tsNs, const Line &line, MetricRows &rows,
        ImportReport &report);
    std::string keyOf() const;

    TimeText m_time;
    StatsdLine m_line;
    std::unordered_map<std::string, double> m_gauges;
    std::unordered_map<std::string, std::unordered_set<std::string>> m_sets;
    std::size_t m_members = 0;
    std::int64_t m_timed = 0, m_untimed = 0;
    Nanos m_lastNs = 0;
};

std::string StatsdReader::keyOf() const
{
    std::string key(m_line.name);
    for (const MetricLabel &label : m_line.labels)
        ((key += '\x1F') += label.key) += '\x1E' + std::string(label.value);
    return key;
}

bool StatsdReader::takeValue(std::string_view text, Nanos tsNs, const Line &line, MetricRows &rows,
    ImportReport &report)
{
    using Type = StatsdLine::Type;
    MetricSample sample;
    sample.name = m_line.name;
    sample.labels = m_line.labels;
    sample.tsNs = tsNs;
    sample.offset = line.offset;
    sample.kind = SeriesKind::Gauge;
    sample.each = m_line.type != Type::Gauge && m_line.type != Type::Set;
    if (m_line.type == Type::Set) {
        const std::string key = keyOf();
        auto known = m_sets.find(key);
        if (known == m_sets.end() && m_sets.size() < kMaxStates)
            known = m_sets.try_emplace(key).first;
        if (known == m_sets.end() || m_members >= kMaxMembers)
            report.note(IssueSeverity::DataLoss, "too-many-members", line.offset,
                "more than 65,536 sets or 1,000,000 members: more are not told apart");
        else
            m_members += known->second.emplace(text).second ? 1 : 0;
        if (known == m_sets.end())
            return true;
        // How many different ones so far.
        sample.value = static_cast<double>(known->second.size());
        rows.sample(sample);
        return true;
    }
    const bool plus = text.starts_with('+');
    const std::optional<double> value = parseDouble(plus ? text.substr(1) : text);
    if (!value)
        return false;
    sample.value = *value;
    if (m_line.type == Type::Counter) {
        sample.kind = SeriesKind::Delta;
        sample.value = *value / m_line.rate;
    } else if (m_line.type == Type::Timer) {
        sample.unit = "ms";
    } else if (m_line.type == Type::Gauge) {
        if (m_gauges.size() >= kMaxStates && !m_gauges.contains(keyOf()))
            m_gauges.clear();
        double &state = m_gauges[keyOf()];
        const bool changes = plus || text.starts_with('-');
        if (changes)
            report.note(IssueSeverity::Info, "gauge-change", line.offset,
                "a gauge with a sign changes what it was; where that is not in the file it was 0");
        state = changes ? state + *value : *value;
        sample.value = state;
    }
    rows.sample(sample);
    return true;
}

void StatsdReader::takeLine(const Line &line, MetricRows &rows, ImportReport &report)
{
    const auto skip = [&](std::string_view kind, std::string_view reason) {
        report.skip(kind, line.offset, line.length, reason, line.text);
    };
    if (line.tooLong)
        return skip("line-too-long", "the line is longer than 64 KiB");
    if (trimmed(line.text).empty() || line.text.front() == '#')
        return;
    if (const std::string_view reason = statsd::parseStatsdLine(line.text, m_line); !reason.empty())
        return skip("bad-line", reason);
    if (!m_line.time.empty()) {
        const auto time = m_time.parse(m_line.time, line.offset, report);
        if (!time)
            return skip("bad-time", "its time is neither a date nor a number since 1970");
        m_lastNs = time->ns;
        ++m_timed;
    } else if (m_untimed++ >= 0 && m_timed == 0) {
        // Nothing tells when: the lines are numbered, so that their order is kept.
        ++m_lastNs;
    }
    if (m_line.rate < 1 && m_line.type != StatsdLine::Type::Counter)
        report.note(IssueSeverity::Info, "sampled-values", line.offset,
            "values with a sample rate stand for more values than are in the file");
    bool any = false;
    for (const std::string_view text : m_line.values)
        any |= takeValue(text, m_lastNs, line, rows, report);
    if (!any)
        return skip("bad-value", "its value is not a number");
    report.rowRead();
}

Result<void> StatsdReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    TS_TRY(m_time.check(source.name()));
    const std::string asked = m_time.askedTimezone();
    sink.setSource({SourceKind::Metrics, ClockKind::Utc, asked});
    LineReader lines(source, kMaxLine);
    MetricRows rows(sink, report);
    Line line;
    while (lines.next(line))
        takeLine(line, rows, report);
    rows.finish();
    if (m_timed == 0 && m_untimed > 0) {
        sink.setSource({SourceKind::Metrics, ClockKind::None, {}});
        report.note(IssueSeverity::Notice, "no-time", 0,
            "the lines have no times: they are numbered in their order, so there are totals but no rates",
            m_untimed);
    } else {
        const std::string timezone = m_time.timezone();
        sink.setSource({SourceKind::Metrics, m_time.clock(), timezone});
        if (m_untimed > 0)
            report.note(IssueSeverity::Notice, "time-of-neighbour", 0,
                "lines without a time were given that of the line before them", m_untimed);
    }
    TS_TRY(lines.result());
    if (report.rowsRead() == 0)
        return fail(Error{ErrorCode::BadInput, source.name(), "no line is of the form name:value|type",
            std::nullopt, "A line of statsd reads: shop.orders:1|c"});
    return {};
}

class StatsdImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }
    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<StatsdReader>(options);
    }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        const bool cut = prefix.size() >= kSniffBytes;
        StatsdLine line;
        int good = 0, all = 0;
        while (!prefix.empty() && all < 50) {
            const std::size_t end = prefix.find('\n');
            if (end == std::string_view::npos && cut)
                break;
            const std::string_view text = trimmed(prefix.substr(0, end));
            prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
            if (text.empty() || text.front() == '#')
                continue;
            ++all;
            const bool read = statsd::parseStatsdLine(text, line).empty();
            const std::string_view value = read ? line.values.front() : std::string_view();
            good += read
                    && (line.type == StatsdLine::Type::Set
                        || parseDouble(value.starts_with('+') ? value.substr(1) : value))
                ? 1
                : 0;
        }
        return good > 0 && good * 10 >= all * 7 ? Confidence::Strong : Confidence::No;
    }
};

} // namespace

const Importer &statsdImporter()
{
    static const StatsdImporter importer;
    return importer;
}

} // namespace tailscope::import
