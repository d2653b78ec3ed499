// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestab/abtables.h"

#include "base/text.h"
#include "import/common/linereader.h"
#include "import/loadtest/loadnumbers.h"
#include "import/loadtest/loadrequests.h"

#include <algorithm>
#include <array>
#include <limits>

namespace tailscope::import::ab {

using namespace loadtest;

namespace {

constexpr std::size_t kMaxLine = 64 * 1024;
/// Percentiles that the phase tells; all are in the histogram.
constexpr std::array<double, 7> kKept{0, 50, 75, 90, 95, 99, 100};

/// The first line that is not blank is the head.
Result<void> readHead(LineReader &lines, std::string_view head, const std::string &name, ImportReport &report)
{
    Line line;
    while (lines.next(line)) {
        if (trimmed(line.text).empty())
            continue;
        if (trimmed(line.text) != head)
            break;
        report.head(line.offset, line.text);
        return {};
    }
    TS_TRY(lines.result());
    return fail(Error{ErrorCode::BadInput, name, "its first line is not \"" + std::string(head) + "\"",
        Location{line.offset, line.number, std::nullopt}, "ab writes it with -g (gnuplot) or -e (CSV)"});
}

void setClosed(LoadRun &run)
{
    run.loop = Loop::Closed;
    run.omission = Omission::Possible;
}

Attribute real(std::string_view key, double value)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Real;
    attribute.real = value;
    return attribute;
}

} // namespace

Result<void> AbGnuplotReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    sink.setSource({SourceKind::LoadTest, ClockKind::Utc, "UTC"});
    LineReader lines(source, kMaxLine);
    TS_TRY(readHead(lines, kGnuplotHead, source.name(), report));
    LoadRun run("ab", Level::Requests);
    setClosed(run);
    LoadRequests requests(sink, run);
    Line line;
    while (lines.next(line)) {
        if (trimmed(line.text).empty())
            continue;
        const std::vector<std::string_view> fields = split(line.text, '\t');
        const auto seconds = fields.size() == 6 ? nanos(fields[1], kNanosPerSecond) : std::nullopt;
        const auto connect = fields.size() == 6 ? number(fields[2]) : std::nullopt;
        const auto total = fields.size() == 6 ? nanos(fields[4], kNanosPerMilli) : std::nullopt;
        const auto wait = fields.size() == 6 ? number(fields[5]) : std::nullopt;
        if (!seconds || !connect || !total || !wait) {
            report.skip("bad-line", line.offset, line.length,
                "the line has not a start, its seconds and four times in ms", line.text);
            continue;
        }
        const std::array attributes{real("loadtest.connecting_ms", *connect),
            real("loadtest.waiting_ms", *wait)};
        LoadRequest request;
        request.startNs = *seconds;
        request.durationNs = *total;
        request.operation = "request";
        request.attributes = attributes;
        requests.add(request);
        report.rowRead();
    }
    TS_TRY(lines.result());
    report.note(IssueSeverity::Info, "times-in-seconds", 0,
        "ab writes the start of a request in whole seconds, its times in whole milliseconds, and no status");
    requests.finish();
    run.whole.errors.reset(); // the file has answers only, whatever their status
    run.write(sink, report);
    return {};
}

Result<void> AbPercentilesReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    sink.setSource({SourceKind::LoadTest, ClockKind::None, {}});
    LineReader lines(source, kMaxLine);
    TS_TRY(readHead(lines, kPercentilesHead, source.name(), report));
    LoadRun run("ab", Level::Summary);
    setClosed(run);
    run.weights = "percent";
    LoadSeries series(sink, "ab");
    const SeriesRef ref = series.series({kDistribution, {}, "ms", {}, SeriesKind::Histogram});
    double percent = 0, before = 0;
    Line line;
    while (lines.next(line)) {
        if (trimmed(line.text).empty())
            continue;
        // A decimal comma makes three fields of two.
        const std::size_t at = line.text.find(',');
        const auto share = number(line.text.substr(0, at));
        const auto time = at == std::string_view::npos ? std::nullopt : number(line.text.substr(at + 1));
        if (!share || !time || *share < percent || *share > 100 || *time < before) {
            report.skip("bad-line", line.offset, line.length,
                "the line has not a growing percentage and a growing time in ms", line.text);
            continue;
        }
        if (std::find(kKept.begin(), kKept.end(), *share) != kKept.end())
            run.whole.setQuantile(*share / 100, *time);
        if (*share > percent)
            series.bucket(ref, kUnknownNanos, *time, *share - percent);
        percent = *share;
        before = *time;
        report.rowRead();
    }
    TS_TRY(lines.result());
    // ab writes 0 to 99: the slowest percent lies somewhere above.
    if (percent > 0 && percent < 100)
        series.bucket(ref, kUnknownNanos, std::numeric_limits<double>::infinity(), 100 - percent);
    run.write(sink, report);
    return {};
}

} // namespace tailscope::import::ab
