// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtesthey/heycsv.h"

#include "base/text.h"
#include "import/common/linereader.h"
#include "import/loadtest/loadnumbers.h"
#include "import/loadtest/loadrequests.h"

#include <algorithm>
#include <array>

namespace tailscope::import::hey {

using namespace loadtest;

namespace {

constexpr std::size_t kMaxLine = 64 * 1024;
constexpr std::size_t kAbsent = SIZE_MAX;

/// Where the columns are; older versions lack the offset.
struct Columns
{
    std::size_t time = kAbsent, offset = kAbsent, status = kAbsent, count = 0;
    std::array<std::size_t, 5> splits{kAbsent, kAbsent, kAbsent, kAbsent, kAbsent};
};
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kSplits{
    {{"DNS+dialup", "loadtest.connecting_ms"}, {"DNS", "loadtest.dns_ms"},
        {"Request-write", "loadtest.sending_ms"}, {"Response-delay", "loadtest.waiting_ms"},
        {"Response-read", "loadtest.receiving_ms"}}};

Columns columnsOf(std::string_view head)
{
    Columns columns;
    const std::vector<std::string_view> names = split(head, ',');
    columns.count = names.size();
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string_view name = trimmed(names[i]);
        if (name == "response-time")
            columns.time = i;
        else if (name == "offset")
            columns.offset = i;
        else if (name == "status-code")
            columns.status = i;
        for (std::size_t s = 0; s < kSplits.size(); ++s) {
            if (name == kSplits[s].first)
                columns.splits[s] = i;
        }
    }
    return columns;
}

std::string_view at(const std::vector<std::string_view> &fields, std::size_t column)
{
    return column < fields.size() ? trimmed(fields[column]) : std::string_view();
}

} // namespace

Result<void> HeyCsvReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    sink.setSource({SourceKind::LoadTest, ClockKind::Relative, {}});
    LineReader lines(source, kMaxLine);
    Line line;
    Columns columns;
    while (columns.count == 0 && lines.next(line)) {
        if (!trimmed(line.text).empty())
            columns = columnsOf(line.text);
    }
    TS_TRY(lines.result());
    if (columns.time == kAbsent || columns.status == kAbsent)
        return fail(Error{ErrorCode::BadInput, source.name(), "no header with response-time and status-code",
            Location{line.offset, line.number, std::nullopt}, "hey -o csv URL writes it"});
    report.head(line.offset, line.text);
    LoadRun run("hey", Level::Requests);
    run.loop = Loop::Closed;
    run.omission = Omission::Possible;
    LoadRequests requests(sink, run);
    std::vector<Attribute> attributes;
    while (lines.next(line)) {
        if (trimmed(line.text).empty())
            continue;
        const std::vector<std::string_view> fields = split(line.text, ',');
        const auto duration = nanos(at(fields, columns.time), kNanosPerSecond);
        const auto start = columns.offset == kAbsent ? std::optional<Nanos>(0)
                                                     : nanos(at(fields, columns.offset), kNanosPerSecond);
        const auto status = parseInt64(at(fields, columns.status));
        if (fields.size() != columns.count || !duration || !start || !status) {
            report.skip("bad-line", line.offset, line.length,
                "the line has not the header's fields, or a time that is no number of seconds", line.text);
            continue;
        }
        attributes.clear();
        for (std::size_t s = 0; s < kSplits.size(); ++s) {
            if (const auto seconds = number(at(fields, columns.splits[s]))) {
                Attribute attribute;
                attribute.key = kSplits[s].second;
                attribute.type = AttributeType::Real;
                attribute.real = *seconds * 1e3;
                attributes.push_back(attribute);
            }
        }
        LoadRequest request;
        request.startNs = *start;
        request.durationNs = *duration;
        request.operation = "request";
        request.httpStatus = *status >= 100 && *status <= 999 ? static_cast<std::uint16_t>(*status) : 0;
        request.failed = *status >= 400 || *status < 100;
        request.attributes = attributes;
        requests.add(request);
        report.rowRead();
    }
    TS_TRY(lines.result());
    if (columns.offset == kAbsent)
        report.note(IssueSeverity::Notice, "no-offset", 0,
            "this version of hey does not say when a request began: all begin at 0");
    requests.finish();
    run.write(sink, report);
    return {};
}

} // namespace tailscope::import::hey
