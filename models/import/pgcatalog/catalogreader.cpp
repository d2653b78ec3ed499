// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pgcatalog/catalogreader.h"

#include "base/text.h"
#include "import/common/consoletime.h"
#include "import/common/jsonkeys.h"

#include <algorithm>

namespace tailscope::import {

namespace {

constexpr std::size_t kMaxTold = 1000;

/// The source, with what was looked at put back in front of it.
class PrefixedSource final : public ByteSource
{
public:
    PrefixedSource(ByteSource &source, std::string prefix)
        : m_source(source)
        , m_prefix(std::move(prefix))
    {}
    Result<std::string_view> next() override
    {
        if (!m_given) {
            m_given = true;
            if (!m_prefix.empty())
                return std::string_view(m_prefix);
        }
        m_past = true;
        return m_source.next();
    }
    std::uint64_t offset() const override { return m_past ? m_source.offset() : 0; }
    const std::string &name() const override { return m_source.name(); }

private:
    ByteSource &m_source;
    std::string m_prefix;
    bool m_given = false, m_past = false;
};

bool isNullWord(std::string_view text)
{
    return text.empty() || text == "\\N" || text == "NULL" || text == "(null)" || text == "<null>"
        || text == "[null]";
}

/// psql's rule under a header ("----+-----") and its last line ("(3 rows)").
bool isPsqlFrame(std::string_view line)
{
    line = trimmed(line);
    if (line.find_first_not_of("-+|") == std::string_view::npos)
        return !line.empty();
    return line.starts_with('(') && (line.ends_with(" rows)") || line.ends_with(" row)"));
}

/// Words of psql about what it did: they stand between result sets when it is not told to be quiet.
bool isCommandTag(std::string_view line)
{
    line = trimmed(line);
    for (const std::string_view tag : {"BEGIN", "COMMIT", "ROLLBACK", "SET", "RESET", "START TRANSACTION"}) {
        if (line == tag)
            return true;
    }
    return false;
}

bool isName(std::string_view text)
{
    text = trimmed(text);
    if (text.empty() || (text.front() >= '0' && text.front() <= '9'))
        return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
            || c == '?' || c == ' ' || c == '.';
    });
}

} // namespace

CatalogReader::CatalogReader(const ReadOptions &options)
    : m_time(options)
{}

Result<void> CatalogReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    TS_TRY(m_time.check(source.name()));
    setSource(sink, ClockKind::Utc, m_time.askedTimezone());
    // JSON or not is told by the first byte; command tags and blanks may stand before it.
    std::string prefix;
    char first = '\0';
    while (prefix.size() < kSniffBytes) {
        const Result<std::string_view> chunk = source.next();
        if (!chunk)
            return fail(chunk.error());
        if (chunk->empty())
            break;
        prefix += *chunk;
        std::string_view rest = prefix;
        while (!rest.empty()) {
            const std::size_t end = rest.find('\n');
            const std::string_view line = trimmed(rest.substr(0, end));
            if (!line.empty() && !isCommandTag(line)) {
                // An unfinished line may still become a tag.
                if (end != std::string_view::npos || line.size() > 32 || line.front() == '{'
                    || line.front() == '[')
                    first = line.front();
                break;
            }
            if (end == std::string_view::npos)
                break;
            rest.remove_prefix(end + 1);
        }
        if (first != '\0')
            break;
    }
    PrefixedSource whole(source, std::move(prefix));
    CatalogRows rows(sink, report, m_time);
    const Result<void> done
        = first == '{' || first == '[' ? readJson(whole, rows, report) : readText(whole, rows, report);
    rows.finish();
    setSource(sink, rows.sawTime() ? m_time.clock() : ClockKind::None,
        rows.sawTime() ? m_time.timezone() : "");
    TS_TRY(done);
    if (report.rowsRead() == 0 && report.rowsSkipped() == 0 && m_headers == 0 && m_shapes.empty())
        return fail(ErrorCode::BadInput, source.name(), "it has no row of a catalog view",
            "the first line must name the columns of a view such as pg_stat_user_tables");
    return {};
}

void CatalogReader::setSource(RowSink &sink, ClockKind clock, const std::string &timezone) const
{
    SourceInfo info;
    info.kind = SourceKind::Catalog;
    info.clock = clock;
    info.timezone = timezone;
    sink.setSource(info);
}

Result<void> CatalogReader::readText(ByteSource &source, CatalogRows &rows, ImportReport &report)
{
    LineReader lines(source, CsvRecords::kMaxLine);
    // The first header decides on the delimiter; what stands before it is no result set that is known.
    Line line;
    std::string header;
    std::uint64_t offset = 0;
    while (m_delimiter == '\0' && lines.next(line)) {
        if (!line.tooLong)
            m_delimiter = catalogDelimiter(line.text);
        if (m_delimiter == '\0') {
            if (const std::optional<std::string> time = consoleTime(line.text)) {
                rows.setTime(*time, line.offset);
                continue;
            }
            if (!trimmed(line.text).empty() && !isCommandTag(line.text) && !isPsqlFrame(line.text))
                report.note(IssueSeverity::Notice, "before-header", line.offset,
                    "lines before the first header that is known were left out");
            continue;
        }
        header = line.text;
        offset = line.offset;
    }
    TS_TRY(lines.result());
    if (m_delimiter == '\0')
        return fail(Error{ErrorCode::BadInput, source.name(), "no line names the columns of a catalog view",
            std::nullopt, "export with a header: psql --csv -c 'SELECT * FROM pg_stat_user_tables'"});
    rows.setDecimalComma(m_delimiter != ',');
    report.head(offset, header);
    m_shape = std::make_unique<CatalogShape>(catalogHeader(header, m_delimiter));
    tellOf(*m_shape, offset, report);
    rows.header(m_shape.get(), offset);
    m_headers = 1;
    m_afterBlank = false;
    CsvRecords records(lines, m_delimiter);
    CsvRecord record;
    while (records.next(record))
        takeRecord(record, rows, report);
    return lines.result();
}

/// A record that is the header of a result set; of one that is not known only where it cannot be a row.
bool CatalogReader::takeHeader(const CsvRecord &record, CatalogRows &rows, ImportReport &report)
{
    // Cheap: no row of figures consists of names.
    if (record.fields.size() < 2 || !std::all_of(record.fields.begin(), record.fields.end(), isName))
        return false;
    std::vector<std::string> names;
    for (const std::string_view field : record.fields)
        names.push_back(CatalogShape::cleanName(field));
    auto shape = std::make_unique<CatalogShape>(std::move(names));
    if (shape->isKnown()) {
        tellOf(*shape, record.offset, report);
        rows.header(shape.get(), record.offset);
        m_shape = std::move(shape);
        ++m_headers;
        return true;
    }
    const std::size_t expected = m_shape ? m_shape->columns() : m_unknownColumns;
    if (!m_afterBlank && record.fields.size() == expected)
        return false;
    report.note(IssueSeverity::Notice, "unknown-result-set", record.offset,
        "a result set is none of the catalog views that are known and was left out; its columns begin with "
            + sanitizedUtf8(utf8Prefix(record.raw, 100)));
    rows.header(nullptr, record.offset);
    m_shape.reset();
    m_unknownColumns = record.fields.size();
    return true;
}

void CatalogReader::takeRecord(const CsvRecord &record, CatalogRows &rows, ImportReport &report)
{
    const auto skip = [&](std::string_view kind, std::string_view reason) {
        report.skip(kind, record.offset, record.length, reason, record.raw);
    };
    if (record.blank) {
        m_afterBlank = true;
        return;
    }
    if (record.problem == CsvRecord::Problem::TooLong)
        return skip("line-too-long", "the line is longer than 1 MiB");
    if (record.problem == CsvRecord::Problem::UnclosedQuote)
        return skip("unclosed-quote", "a quote is opened and not closed");
    if (isPsqlFrame(record.raw) || isCommandTag(record.raw))
        return;
    // What psql's watch command or a shell's loop prints between result sets.
    if (record.fields.size() <= 2) {
        if (const std::optional<std::string> time = consoleTime(record.raw)) {
            m_afterBlank = true;
            return rows.setTime(*time, record.offset);
        }
    }
    if (takeHeader(record, rows, report)) {
        m_afterBlank = false;
        return;
    }
    m_afterBlank = false;
    if (!m_shape)
        return; // told when its header was met
    if (record.fields.size() != m_shape->columns())
        return skip("wrong-field-count",
            std::to_string(record.fields.size()) + " fields where the header has "
                + std::to_string(m_shape->columns()));
    m_cells.clear();
    for (std::string_view field : record.fields) {
        if (m_delimiter == '|')
            field = trimmed(field);
        m_cells.push_back({isNullWord(field) ? CatalogCell::Type::Null : CatalogCell::Type::Text, field});
    }
    rows.take(*m_shape, {m_cells, record.offset, record.length, record.raw});
}

Result<void> CatalogReader::readJson(ByteSource &source, CatalogRows &rows, ImportReport &report)
{
    JsonWalk walk(source, report);
    readDocuments(walk, false, rows, report);
    if (walk.framer().error())
        return fail(*walk.framer().error());
    return {};
}

void CatalogReader::readDocuments(JsonWalk &walk, bool nested, CatalogRows &rows, ImportReport &report)
{
    using Step = JsonWalk::Step;
    const auto row = [&](int c) {
        if (c != '{')
            return walk.skip();
        JsonFramer::Record record;
        const Step step = walk.record(record, "row");
        if (step == Step::Done)
            takeJson(record, nested, rows, report);
        return step;
    };
    for (bool more = true; more;) {
        const int c = walk.framer().peekPast(',');
        if (c == -1)
            break;
        walk.beginDocument();
        Step step = Step::Broken;
        if (c == '{')
            step = row(c);
        else if (c == '[')
            step = walk.array(row);
        more = walk.endDocument(step, report.rowsRead(), "rows");
    }
}

simdjson::error_code CatalogReader::readRow(ondemand::object &object)
{
    m_fieldCount = 0;
    for (auto item : object) {
        ondemand::field field;
        std::string_view key;
        if (auto error = readField(item, field, key))
            return error;
        if (m_fieldCount == m_fields.size())
            m_fields.emplace_back();
        JsonField &to = m_fields[m_fieldCount];
        to.name = CatalogShape::cleanName(key);
        ondemand::value value = field.value();
        const char start = valueStart(value);
        if (start == '{' || start == '[') {
            to.cell.type = CatalogCell::Type::Json;
            if (auto error = readRaw(value, to.cell.text))
                return error;
        } else {
            JsonScalar scalar;
            if (auto error = readScalar(value, scalar))
                return error;
            const bool null = !scalar.isString && scalar.text == "null";
            to.cell = {null           ? CatalogCell::Type::Null
                    : scalar.isString ? CatalogCell::Type::Text
                                      : CatalogCell::Type::Token,
                scalar.text};
        }
        if (m_fieldCount < CatalogShape::kMaxColumns)
            ++m_fieldCount;
    }
    return simdjson::SUCCESS;
}

void CatalogReader::takeJson(const JsonFramer::Record &record, bool nested, CatalogRows &rows,
    ImportReport &report)
{
    const auto error = m_parser.parse(record.bytes, record.hasEscape,
        [this](ondemand::object &object) { return readRow(object); });
    if (error != simdjson::SUCCESS)
        return report.skip("bad-json", record.offset, record.bytes.size(), simdjson::error_message(error),
            record.bytes);
    if (m_parser.repaired())
        report.note(IssueSeverity::Notice, "repaired-text", record.offset,
            "text that is not valid JSON or UTF-8 was mended");
    const CatalogShape &shape = shapeOf(record.offset, report);
    if (shape.isKnown()) {
        m_cells.clear();
        for (std::size_t i = 0; i < m_fieldCount; ++i)
            m_cells.push_back(m_fields[i].cell);
        return rows.take(shape, {m_cells, record.offset, record.bytes.size(), record.bytes});
    }
    // An object of result sets: json_build_object('pg_settings', json_agg(...), ...).
    std::vector<std::string> sets;
    for (std::size_t i = 0; !nested && i < m_fieldCount; ++i) {
        const CatalogCell &cell = m_fields[i].cell;
        const bool rowsInside = cell.type == CatalogCell::Type::Json && cell.text.starts_with('[')
            && firstSignificant(cell.text.substr(1)) == '{';
        if (rowsInside)
            sets.emplace_back(cell.text);
    }
    if (sets.empty())
        return report.note(IssueSeverity::Notice, "unknown-result-set", record.offset,
            "a row has the columns of none of the catalog views that are known and was left out");
    for (std::string &set : sets) {
        // Places inside are those of the object around.
        MemorySource inner(std::move(set), "result set");
        JsonWalk walk(inner, report);
        readDocuments(walk, true, rows, report);
    }
}

const CatalogShape &CatalogReader::shapeOf(std::uint64_t offset, ImportReport &report)
{
    m_key.clear();
    for (std::size_t i = 0; i < m_fieldCount; ++i) {
        m_key += m_fields[i].name;
        m_key += '\x1F';
    }
    const auto found = m_shapes.find(m_key);
    if (found != m_shapes.end())
        return found->second;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < m_fieldCount; ++i)
        names.push_back(m_fields[i].name);
    if (m_shapes.size() >= kMaxShapes)
        m_shapes.clear();
    const CatalogShape &shape = m_shapes.emplace(m_key, CatalogShape(std::move(names))).first->second;
    tellOf(shape, offset, report);
    return shape;
}

/// Once for each view: what of its columns is not kept.
void CatalogReader::tellOf(const CatalogShape &shape, std::uint64_t offset, ImportReport &report)
{
    if (!shape.isKnown() || m_told.size() >= kMaxTold || !m_told.insert(shape.viewNames()).second)
        return;
    const auto listed = [](const std::vector<std::string> &names) {
        std::string text;
        for (const std::string &name : names) {
            if (text.size() > 300)
                return text + ", ...";
            text += (text.empty() ? "" : ", ") + name;
        }
        return text;
    };
    if (!shape.extraColumns().empty())
        report.note(IssueSeverity::Info, "columns-left-out of " + shape.viewNames(), offset,
            "columns of " + shape.viewNames() + " that are not kept: " + listed(shape.extraColumns()));
    if (!shape.doubledColumns().empty())
        report.note(IssueSeverity::Notice, "doubled-columns", offset,
            "columns that occur twice, of which the first was taken: " + listed(shape.doubledColumns()));
}

} // namespace tailscope::import
