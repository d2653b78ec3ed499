// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/prometheus/expositionreader.h"

#include "base/text.h"
#include "import/common/linereader.h"
#include "import/common/timetext.h"

#include <array>
#include <cmath>

namespace tailscope::import::prometheus {

namespace {

constexpr std::array<std::string_view, 8> kSuffixes{"_bucket", "_count", "_sum", "_total", "_created",
    "_info", "_gcount", "_gsum"};

/// Passes bytes on and remembers the last one: a file that ends inside a line was cut.
class LastByte final : public ByteSource
{
public:
    explicit LastByte(ByteSource &source)
        : m_source(source)
    {}
    Result<std::string_view> next() override
    {
        Result<std::string_view> chunk = m_source.next();
        if (chunk && !chunk->empty())
            m_last = chunk->back();
        return chunk;
    }
    std::uint64_t offset() const override { return m_source.offset(); }
    const std::string &name() const override { return m_source.name(); }
    char last() const { return m_last; }

private:
    ByteSource &m_source;
    char m_last = '\n';
};

/// "Sun, 22 Nov 2026 19:03:43 GMT" of an HTTP head.
std::optional<Nanos> parseHttpDate(std::string_view text)
{
    static constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
        "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::size_t comma = text.find(", ");
    const std::vector<std::string_view> parts
        = split(comma == std::string_view::npos ? text : text.substr(comma + 2), ' ');
    if (parts.size() < 5 || parts[4] != "GMT" || parts[0].size() != 2)
        return std::nullopt;
    for (std::size_t month = 0; month < kMonths.size(); ++month) {
        if (parts[1] != kMonths[month])
            continue;
        const std::string number = std::to_string(month + 1);
        const auto time = parseTimestamp(std::string(parts[2]) + '-' + (number.size() < 2 ? "0" : "") + number
            + '-' + std::string(parts[0]) + 'T' + std::string(parts[3]) + 'Z');
        return time ? std::optional(time->ns) : std::nullopt;
    }
    return std::nullopt;
}

} // namespace

Result<void> ExpositionReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    MetricRows rows(sink, report);
    m_rows = &rows;
    m_report = &report;
    sink.setSource({SourceKind::Metrics, ClockKind::Utc, "UTC"});
    LastByte bytes(source);
    LineReader lines(bytes, kMaxLine);
    ExpositionParser parser;
    Line line;
    // One line behind, so that the last one is known when it comes.
    std::string held;
    Line heldLine;
    bool holds = false;
    const auto take = [&](bool last) {
        if (heldLine.tooLong) {
            report.skip("line-too-long", heldLine.offset, heldLine.length, "the line is longer than 1 MiB",
                held);
            return;
        }
        const ExpositionLine &parsed = parser.parse(held);
        if (last && bytes.last() != '\n' && parsed.kind != ExpositionLine::Kind::End
            && parsed.kind != ExpositionLine::Kind::Blank) {
            report.skip("truncated", heldLine.offset, heldLine.length,
                "the file ends inside this line: its value may be cut", held);
            return;
        }
        takeLine(parsed, held, heldLine.offset);
    };
    while (lines.next(line)) {
        if (holds)
            take(false);
        held.assign(line.text);
        heldLine = line;
        holds = true;
    }
    if (holds)
        take(true);
    flushGroup();
    if (m_openMetrics && !m_ended)
        report.note(IssueSeverity::Notice, "truncated", source.offset(),
            "OpenMetrics without \"# EOF\" at its end: the last scrape may be cut");
    rows.finish();
    tellTimes(sink);
    TS_TRY(lines.result());
    if (m_samples == 0)
        return fail(Error{ErrorCode::BadInput, source.name(), "it holds no sample of a metric", std::nullopt,
            "A line of a scrape reads: name{label=\"value\"} 1.5"});
    return {};
}

void ExpositionReader::tellTimes(RowSink &sink)
{
    if (m_untimed > 0 && m_timed == 0) {
        sink.setSource({SourceKind::Metrics, ClockKind::None, {}});
        m_report->note(IssueSeverity::Notice, "no-time", 0,
            "the samples have no times: the scrapes are numbered 0 s, 1 s, ..., which says nothing about the "
            "time "
            "between them, so rates are per scrape; a line \"# 2026-03-02T12:00:00Z\" above each scrape "
            "tells its "
            "time",
            m_scrapes);
    } else if (m_untimed > 0) {
        m_report->note(IssueSeverity::Notice, "time-of-neighbour", 0,
            "samples without a time were given that of the sample before them", m_untimed);
    }
}

void ExpositionReader::beginScrape(std::optional<Nanos> tsNs)
{
    flushGroup();
    m_firstKey.clear();
    m_scrapeHasRows = false;
    m_scrapeNs = tsNs;
}

/// A comment or head that tells when the scrape below it was made.
bool ExpositionReader::takesTime(std::string_view text)
{
    for (const std::string_view word : {"scrape", "Scrape", "time:", "at"}) {
        if (text.starts_with(word))
            text = trimmed(text.substr(word.size()));
    }
    std::optional<Nanos> time;
    if (const auto parsed = parseTimestamp(text))
        time = parsed->ns;
    else if (const auto unit = epochUnitOf(text); unit && text.size() >= 10)
        time = parseScaledDecimal(text,
            std::array{kNanosPerSecond, kNanosPerMilli, kNanosPerMicro,
                Nanos(1)}[static_cast<std::size_t>(*unit)]);
    if (!time)
        return false;
    beginScrape(*time);
    return true;
}

void ExpositionReader::takeLine(const ExpositionLine &line, std::string_view text, std::uint64_t offset)
{
    using Kind = ExpositionLine::Kind;
    if (m_inHttpHead || text.starts_with("HTTP/")) {
        // curl -i prints the head of the answer: its date is the time of the scrape.
        m_inHttpHead = line.kind != Kind::Blank;
        if (startsWithNoCase(text, "date:")) {
            if (const auto time = parseHttpDate(trimmed(text.substr(5))))
                beginScrape(*time);
        } else if (text.starts_with("HTTP/")) {
            beginScrape(std::nullopt);
        }
        return;
    }
    switch (line.kind) {
    case Kind::Blank:
        break;
    case Kind::Comment:
        takesTime(line.text);
        break;
    case Kind::Help:
    case Kind::Type:
    case Kind::Unit:
        noteScrapeOf(line.name, true);
        declare(line);
        break;
    case Kind::End:
        m_openMetrics = m_ended = true;
        beginScrape(std::nullopt);
        break;
    case Kind::Bad:
        m_report->skip("bad-line", offset, text.size(), line.text, text);
        break;
    case Kind::Sample:
        m_ended = false;
        takeSample(line, offset);
        break;
    }
}

/// The first declaration, or the first series where nothing is declared, tells when a scrape begins anew.
void ExpositionReader::noteScrapeOf(std::string_view name, bool declared)
{
    const std::string key = (declared ? "#" : "") + std::string(name);
    if (m_firstKey.empty())
        m_firstKey = key;
    else if (m_scrapeHasRows && key == m_firstKey) {
        beginScrape(std::nullopt);
        m_firstKey = key;
    }
}

void ExpositionReader::declare(const ExpositionLine &line)
{
    if (line.name.size() > 1024
        || (m_families.size() >= kMaxFamilies && !m_families.contains(std::string(line.name))))
        return;
    if (line.kind == ExpositionLine::Kind::Help)
        return;
    m_lastName.clear();
    Family &family = m_families[std::string(line.name)];
    if (line.kind == ExpositionLine::Kind::Unit) {
        family.unit = utf8Prefix(line.text, 256);
        m_openMetrics = true;
        return;
    }
    using Kind = Family::Kind;
    family.kind = line.text == "counter" ? Kind::Counter
        : line.text == "gauge"           ? Kind::Gauge
        : line.text == "histogram"       ? Kind::Histogram
        : line.text == "gaugehistogram"  ? Kind::GaugeHistogram
        : line.text == "summary"         ? Kind::Summary
        : line.text == "info"            ? Kind::Gauge
        : line.text == "stateset"        ? Kind::Gauge
                                         : Kind::Untyped;
}

const ExpositionReader::Family *ExpositionReader::familyOf(std::string_view name,
    std::string_view &base) const
{
    base = name;
    if (const auto own = m_families.find(std::string(name)); own != m_families.end())
        return &own->second;
    for (const std::string_view suffix : kSuffixes) {
        if (!name.ends_with(suffix) || name.size() == suffix.size())
            continue;
        const std::string_view shorter = name.substr(0, name.size() - suffix.size());
        if (const auto own = m_families.find(std::string(shorter)); own != m_families.end()) {
            base = shorter;
            return &own->second;
        }
    }
    return nullptr;
}

Nanos ExpositionReader::timeOf(const ExpositionLine &line)
{
    if (line.tsNs) {
        ++m_timed;
        m_lastNs = line.tsNs;
        return *line.tsNs;
    }
    if (m_scrapeNs) {
        ++m_timed;
        return *m_scrapeNs;
    }
    ++m_untimed;
    return m_lastNs.value_or((m_scrapes - 1) * kNanosPerSecond);
}

void ExpositionReader::takeSample(const ExpositionLine &line, std::uint64_t offset)
{
    // Without declarations a series that comes again begins a scrape; times of its own make none.
    if (!line.tsNs && (m_firstKey.empty() || m_firstKey.front() != '#')) {
        std::string key(line.name);
        for (const MetricLabel &label : line.labels)
            ((key += ',') += label.key) += '=' + std::string(label.value);
        noteScrapeOf(key, false);
    }
    if (!m_scrapeHasRows)
        ++m_scrapes;
    m_scrapeHasRows = true;
    // Lines of one name follow each other.
    if (m_lastName != line.name) {
        std::string_view base;
        m_lastFamily = familyOf(line.name, base);
        m_lastName = line.name;
        m_lastBase = base.size();
    }
    const std::string_view base = line.name.substr(0, m_lastBase);
    const Family *family = m_lastFamily;
    using Kind = Family::Kind;
    const Kind kind = family != nullptr ? family->kind : Kind::Untyped;
    if (line.hasExemplar)
        m_report->note(IssueSeverity::Info, "exemplar", offset, "exemplars are not kept");
    if (base != line.name && line.name.ends_with("_created")) {
        m_report->note(IssueSeverity::Info, "created-time", offset,
            "times of creation are not kept as series");
        return;
    }
    const Nanos tsNs = timeOf(line);
    ++m_samples;
    m_report->rowRead();
    if (takeBucket(line, family, base, tsNs, offset))
        return;
    MetricSample sample;
    sample.name = line.name;
    sample.labels = line.labels;
    const bool part = base != line.name;
    const bool quantile = kind == Kind::Summary && !part;
    if (kind == Kind::Counter || ((kind == Kind::Histogram || kind == Kind::Summary) && part))
        sample.kind = SeriesKind::Counter;
    else if (kind != Kind::Untyped || quantile)
        sample.kind = SeriesKind::Gauge;
    if (family != nullptr && !line.name.ends_with("_count"))
        sample.unit = family->unit;
    sample.tsNs = tsNs;
    sample.value = line.value;
    sample.offset = offset;
    m_rows->sample(sample);
}

bool ExpositionReader::takeBucket(const ExpositionLine &line, const Family *family, std::string_view base,
    Nanos tsNs, std::uint64_t offset)
{
    constexpr std::string_view kBucket = "_bucket";
    if (!line.name.ends_with(kBucket) || line.name.size() == kBucket.size())
        return false;
    const WithoutBound rest = withoutBound(line.labels);
    const std::optional<double> upper = parseMetricValue(rest.bound);
    if (!upper || std::isnan(*upper) || !std::isfinite(line.value))
        return false;
    const std::string_view name
        = base != line.name ? base : line.name.substr(0, line.name.size() - kBucket.size());
    std::string key(name);
    for (const MetricLabel &label : rest.labels)
        ((key += '\x1F') += label.key) += '\x1E' + std::string(label.value);
    if (!m_group.open || key != m_group.key || tsNs != m_group.tsNs || m_group.upTo.size() >= kMaxBounds) {
        flushGroup();
        m_group.open = true;
        m_group.key = std::move(key);
        m_group.name = name;
        m_group.unit = family != nullptr ? family->unit : std::string();
        m_group.gauge = family != nullptr && family->kind == Family::Kind::GaugeHistogram;
        m_group.tsNs = tsNs;
        m_group.offset = offset;
        for (const MetricLabel &label : rest.labels)
            m_group.labels.emplace_back(label.key, label.value);
    }
    m_group.upTo.emplace_back(*upper, line.value);
    return true;
}

void ExpositionReader::flushGroup()
{
    if (!m_group.open)
        return;
    bucketsAlone(m_group.upTo, m_buckets, *m_report, m_group.offset);
    std::vector<MetricLabel> labels;
    for (const auto &[key, value] : m_group.labels)
        labels.push_back({key, value});
    MetricHistogram histogram;
    histogram.head.name = m_group.name;
    histogram.head.labels = labels;
    histogram.head.unit = m_group.unit;
    // What a gauge histogram shows is of this moment, not since the start.
    histogram.head.kind = m_group.gauge ? SeriesKind::Delta : SeriesKind::Counter;
    histogram.head.tsNs = m_group.tsNs;
    histogram.head.offset = m_group.offset;
    histogram.buckets = m_buckets;
    m_rows->histogram(histogram);
    m_group = {};
}

} // namespace tailscope::import::prometheus
