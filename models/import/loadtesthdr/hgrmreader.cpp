// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtesthdr/hgrmreader.h"

#include "base/text.h"
#include "import/common/linereader.h"
#include "import/loadtest/loadnumbers.h"
#include "import/loadtesthdr/hdrspectrum.h"

#include <array>

namespace tailscope::import::hdr {

using namespace loadtest;

namespace {

constexpr std::size_t kMaxLine = 64 * 1024;

/// The value of `unit = "us"` in the TOML of a column mapping.
std::optional<TimeUnit> unitOfMap(std::string_view map)
{
    for (const std::string_view line : split(map, '\n')) {
        const std::size_t at = line.find('=');
        if (at == std::string_view::npos || trimmed(line.substr(0, at)) != "unit")
            continue;
        std::string_view value = trimmed(line.substr(at + 1));
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\''))
            value = value.substr(1, value.size() - 2);
        return timeUnit(value);
    }
    return std::nullopt;
}

/// Without a unit the columns in milliseconds stay empty: the figures are told as what they are.
LoadPhase withoutUnit(const HdrSpectrum &spectrum)
{
    LoadPhase stated, phase;
    spectrum.fill(stated, 1);
    phase.unit = "unknown";
    const auto add = [&phase](std::string_view name, std::optional<double> value) {
        if (value)
            phase.extra.emplace_back(name, *value);
    };
    add("min", stated.minMs);
    add("mean", stated.meanMs);
    add("p50", stated.p50Ms);
    add("p90", stated.p90Ms);
    add("p95", stated.p95Ms);
    add("p99", stated.p99Ms);
    add("max", stated.maxMs);
    for (const auto &[name, value] : stated.extra)
        add(name.ends_with("_ms") ? name.substr(0, name.size() - 3) : name, value);
    return phase;
}

} // namespace

Result<void> HgrmReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    sink.setSource({SourceKind::LoadTest, ClockKind::None, {}});
    HdrSpectrum spectrum;
    LineReader lines(source, kMaxLine);
    Line line;
    while (lines.next(line)) {
        if (trimmed(line.text).empty())
            continue;
        const auto taken = line.tooLong ? HdrSpectrum::Taken::No : spectrum.take(line.text);
        if (taken == HdrSpectrum::Taken::Row)
            report.rowRead();
        else if (taken == HdrSpectrum::Taken::No)
            report.skip("bad-line", line.offset, line.length,
                "the line has not a value, a percentile and a count", line.text);
    }
    TS_TRY(lines.result());
    if (spectrum.empty())
        return fail(ErrorCode::BadInput, source.name(), "it has no line of a percentile distribution",
            "Histogram.outputPercentileDistribution() writes value, percentile and total count");
    if (spectrum.wentBack() > 0)
        report.note(IssueSeverity::DataLoss, "percentiles-go-back", 0,
            "lines whose value, percentile or count goes back were left out", spectrum.wentBack());

    std::optional<TimeUnit> unit = unitOfMap(m_map);
    if (!unit)
        unit = timeUnit(spectrum.unit());
    LoadRun run("hdrhistogram", Level::Summary);
    LoadSeries series(sink, "hdrhistogram");
    const double scale = unit ? millisPer(*unit) : 1;
    if (unit) {
        spectrum.fill(run.whole, scale);
    } else {
        run.whole = withoutUnit(spectrum);
        report.note(IssueSeverity::Notice, "unit-unknown", 0,
            "the file does not say whether its values are ms, us or ns: map the column with unit = \"ms\"");
    }
    run.whole.requests = spectrum.total();
    const SeriesRef ref = series.series({kDistribution, {}, unit ? "ms" : "", {}, SeriesKind::Histogram});
    spectrum.buckets(series, ref, scale);
    run.write(sink, report);
    return {};
}

} // namespace tailscope::import::hdr
