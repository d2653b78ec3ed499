// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/cprofile/cprofilereader.h"

#include "base/text.h"
#include "import/common/linereader.h"
#include "import/cprofile/cprofileline.h"

#include <algorithm>
#include <utility>

namespace tailscope::import {

namespace {

using namespace cprofile;

constexpr std::size_t kMaxLine = 64 * 1024;
/// Times are printed with three decimals.
constexpr Nanos kPrinted = kNanosPerMilli;

class Tables
{
public:
    Tables(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {}
    void take(const Line &line);
    void finish();
    int tables() const { return m_tables; }

private:
    enum class In { Nothing, Table, Callers };
    void begin();
    void row(const Row &row);

    RowSink &m_sink;
    ImportReport &m_report;
    In m_in = In::Nothing;
    int m_tables = 0;
    ProfileRef m_profile = ProfileRef::None;
    std::string m_file; ///< "Wed Mar  1 12:00:00 2024    shop.prof" names the table
    std::optional<Summary> m_summary; ///< of the table to come
    std::optional<Summary> m_total; ///< of the table at hand
    Nanos m_sum = 0;
    std::int64_t m_rows = 0;
    std::uint64_t m_offset = 0;
};

void Tables::begin()
{
    finish();
    ++m_tables;
    m_in = In::Table;
    m_total = std::exchange(m_summary, std::nullopt);
    ProfileRow row;
    const std::string name = !m_file.empty() ? m_file
        : m_tables == 1                      ? "cProfile"
                                             : "cProfile " + std::to_string(m_tables);
    row.name = name;
    row.kind = ProfileKind::Wall; // cProfile's own clock
    row.sampleType = "time";
    row.unit = "ns";
    if (m_total)
        row.durationNs = m_total->total;
    m_profile = m_sink.profile(row);
    m_report.note(IssueSeverity::Info, "flat", m_offset,
        "flat: no call paths. The table says how long each function ran, not who called it on the way: every "
        "function is a root with its own time; its cumulative time would count calls twice and is left out");
}

void Tables::row(const Row &row)
{
    FrameRow frame;
    frame.function = row.function.name;
    frame.file = row.function.file;
    frame.line = row.function.line;
    SampleRow sample;
    sample.profile = m_profile;
    sample.node = m_sink.callNode(m_profile, CallNodeRef::None, m_sink.frame(frame));
    sample.weight = static_cast<double>(row.total);
    sample.count = std::max<std::int64_t>(row.calls, 1);
    m_sink.sample(sample);
    m_sum = saturatingAdd(m_sum, row.total);
    ++m_rows;
    m_report.rowRead();
}

void Tables::finish()
{
    // Each time is rounded to a millisecond; what is missing beyond that was cut off by print_stats(n).
    if (m_in == In::Table && m_total && m_total->total > m_sum
        && m_total->total - m_sum > std::max<Nanos>(kPrinted, m_rows * kPrinted / 2))
        m_report.note(IssueSeverity::Notice, "rows-not-printed", m_offset,
            "the functions of a table add up to less than its total: print_stats() was asked for a part");
    m_in = In::Nothing;
    m_sum = 0;
    m_rows = 0;
}

void Tables::take(const Line &line)
{
    if (line.tooLong)
        return m_report.skip("line-too-long", line.offset, line.length, "the line is longer than 64 KB",
            line.text);
    const std::string text = sanitizedUtf8(line.text);
    const std::string_view content = trimmed(text);
    if (const std::optional<Summary> summary = parseSummary(content)) {
        finish();
        m_summary = summary;
        m_offset = line.offset;
    } else if (isTableHead(content)) {
        begin();
        m_file.clear();
    } else if (isCallersHead(content)) {
        finish();
        m_in = In::Callers;
        m_report.note(IssueSeverity::Notice, "callers-left-out", line.offset,
            "tables of callers and callees were passed over: their times are those of the table of "
            "functions, "
            "shared out");
    } else if (content.empty()) {
        // A blank line ends a table, not the blank line below its head.
        if (m_in == In::Table && m_rows > 0)
            finish();
        else if (m_in == In::Callers)
            return;
    } else if (m_in == In::Table) {
        if (const std::optional<Row> parsed = parseRow(content))
            row(*parsed);
        else
            m_report.skip("malformed-row", line.offset, line.length,
                "a row is: ncalls tottime percall cumtime percall filename:lineno(function)", line.text);
    } else if (m_in == In::Nothing && content.size() > 24 && content[13] == ':' && content[16] == ':') {
        m_file = trimmed(content.substr(24));
    }
}

} // namespace

Result<void> CProfileReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    SourceInfo info;
    info.kind = SourceKind::Profile;
    info.clock = ClockKind::None;
    sink.setSource(info);
    Tables tables(sink, report);
    LineReader lines(source, kMaxLine);
    Line line;
    while (lines.next(line))
        tables.take(line);
    tables.finish();
    TS_TRY(lines.result());
    if (tables.tables() == 0)
        return fail(ErrorCode::BadInput, source.name(), "it has no table of functions",
            "print one with: python3 -m cProfile SCRIPT, or pstats.Stats(FILE).print_stats()");
    return {};
}

} // namespace tailscope::import
