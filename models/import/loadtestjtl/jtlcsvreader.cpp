// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestjtl/jtlcsvreader.h"

#include "base/text.h"
#include "import/csvseries/csvrecords.h"
#include "import/loadtestjtl/jtlcolumns.h"
#include "import/loadtestjtl/jtlrows.h"

namespace tailscope::import::jtl {

namespace {

void takeRecord(const CsvRecord &record, const JtlColumns &columns, JtlRows &rows, ImportReport &report)
{
    const auto reject = [&](std::string_view kind, std::string_view reason) {
        report.skip(kind, record.offset, record.length, reason, record.raw);
    };
    if (record.problem != CsvRecord::Problem::None)
        return reject("malformed-line", "the line is too long or its quote does not close");
    if (record.fields.size() != columns.fields.size()) {
        // Files of several generators are often put together with their headers.
        const auto again = JtlColumns::of(record.raw);
        if (again && again->hasHeader)
            return report.note(IssueSeverity::Info, "header-again", record.offset,
                "the header stands in the file more than once");
        return reject("column-count", "the line has not as many fields as the first one");
    }
    const std::string_view problem = rows.sample(columns.sample(record.fields, record.offset));
    if (problem.empty())
        return report.rowRead();
    const auto again = JtlColumns::of(record.raw);
    if (again && again->hasHeader)
        return report.note(IssueSeverity::Info, "header-again", record.offset,
            "the header stands in the file more than once");
    reject("bad-sample", problem);
}

} // namespace

Result<void> JtlCsvReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    JtlRows rows(sink, report, m_options);
    TS_TRY(rows.check(source.name()));
    LineReader lines(source, CsvRecords::kMaxLine);
    Line line;
    bool found = false;
    while (!found && lines.next(line))
        found = !trimmed(line.text).empty();
    const std::string first(found && !line.tooLong ? line.text : std::string_view());
    const std::optional<JtlColumns> columns = JtlColumns::of(first);
    if (!columns) {
        TS_TRY(lines.result());
        return fail(Error{ErrorCode::BadInput, source.name(),
            "its first line is neither a header with timeStamp, elapsed and label nor a line of JMeter's "
            "default columns",
            Location{line.offset, line.number, std::nullopt},
            "let JMeter write the header: jmeter.save.saveservice.print_field_names=true"});
    }
    sink.setSource({SourceKind::LoadTest, ClockKind::Utc, rows.askedTimezone()});
    CsvRecords records(lines, columns->delimiter);
    CsvRecord record;
    if (columns->hasHeader) {
        report.head(line.offset, first);
    } else {
        MemorySource memory(first + '\n', source.name());
        LineReader firstLines(memory, CsvRecords::kMaxLine);
        CsvRecords firstRecords(firstLines, columns->delimiter);
        if (firstRecords.next(record))
            takeRecord(record, *columns, rows, report);
    }
    while (records.next(record)) {
        if (!record.blank)
            takeRecord(record, *columns, rows, report);
    }
    TS_TRY(lines.result());
    rows.finish();
    sink.setSource({SourceKind::LoadTest, ClockKind::Utc, rows.timezone()});
    return {};
}

} // namespace tailscope::import::jtl
