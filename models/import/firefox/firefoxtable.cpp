// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/firefox/firefoxtable.h"

#include "base/text.h"
#include "import/common/nestedtree.h"
#include "import/common/pullvalue.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace tailscope::import::firefox {

namespace {

using Token = JsonPull::Token;

constexpr std::size_t kMaxPlaced = 32;

/// Columns that are used; others are not kept.
constexpr std::array<std::string_view, 22> kWanted{"stack", "time", "timeDeltas", "weight", "duration",
    "threadCPUDelta", "name", "startTime", "endTime", "phase", "category", "data", "prefix", "prefixOffset",
    "frame", "location", "line", "func", "resource", "lib", "lineNumber", "fileName"};
constexpr std::array<std::string_view, 3> kWantedToo{"source", "filename", "nativeSymbol"};

bool isWanted(std::string_view name)
{
    return std::find(kWanted.begin(), kWanted.end(), name) != kWanted.end()
        || std::find(kWantedToo.begin(), kWantedToo.end(), name) != kWantedToo.end();
}

void tellFull(JsonPull &pull, Budget &budget, ImportReport &report)
{
    if (!budget.told)
        report.note(IssueSeverity::DataLoss, "too-much-waiting", pull.offset(),
            "more than 16,000,000 numbers or 64 MiB of text wait for the tables that name them: what came "
            "after them was left out");
    budget.told = true;
}

/// The token at hand as a cell; containers are taken.
Cell cellOf(JsonPull &pull, Budget &budget, Payloads *payloads, ImportReport &report)
{
    if (pull.token() == Token::Number)
        return parseScaledDecimal(pull.text(), kOne).value_or(kNull);
    if (pull.token() == Token::ObjectStart && payloads != nullptr)
        return payloads->read(pull, budget, report) * kOne;
    if (pull.token() == Token::ObjectStart || pull.token() == Token::ArrayStart)
        pull.skip();
    return kNull;
}

void appendLength(std::string &out, std::size_t length)
{
    const auto bytes = static_cast<std::uint16_t>(length);
    out.append(reinterpret_cast<const char *>(&bytes), sizeof bytes);
}

std::string_view takeText(std::string_view &rest)
{
    std::uint16_t length = 0;
    std::memcpy(&length, rest.data(), sizeof length);
    const std::string_view text = rest.substr(sizeof length, length);
    rest.remove_prefix(sizeof length + length);
    return text;
}

} // namespace

void Strings::read(JsonPull &pull, Budget &budget, ImportReport &report)
{
    if (pull.next() != Token::ArrayStart)
        return pull.skip();
    m_present = true;
    for (;;) {
        const Token token = pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        std::string_view text;
        if (token == Token::String)
            text = utf8Prefix(pull.text(), kMaxText);
        const std::size_t need = text.size() + sizeof(std::uint64_t);
        if (budget.textBytes < need)
            tellFull(pull, budget, report);
        else
            budget.textBytes -= need, m_ends.push_back(m_text.append(text).size());
        pull.skip();
    }
}

std::string_view Strings::at(std::int64_t index) const
{
    if (index < 0 || static_cast<std::uint64_t>(index) >= m_ends.size())
        return {};
    const auto at = static_cast<std::size_t>(index);
    const std::uint64_t begin = at == 0 ? 0 : m_ends[at - 1];
    return std::string_view(m_text).substr(begin, m_ends[at] - begin);
}

void Payloads::add(std::string_view key, AttributeType type, std::string_view value)
{
    m_text += static_cast<char>(type);
    for (std::string_view text : {key, value}) {
        appendLength(m_text, text.size());
        m_text += text;
    }
}

std::int64_t Payloads::read(JsonPull &pull, Budget &budget, ImportReport &report)
{
    const auto number = static_cast<std::int64_t>(m_starts.size());
    const std::size_t start = m_text.size();
    m_starts.push_back(start);
    std::size_t fields = 0;
    while (pull.next() == Token::Key) {
        const std::string key(utf8Prefix(pull.text(), kMaxText));
        // Where the marker was made: a profile of one sample inside the profile.
        if (key == "stack" || key == "cause" || fields >= kMaxFields || budget.textBytes < 2 * kMaxText) {
            if (budget.textBytes < 2 * kMaxText)
                tellFull(pull, budget, report);
            pull.skip();
            continue;
        }
        ++fields;
        const std::size_t before = m_text.size();
        const Token token = pull.next();
        if (token == Token::String)
            add(key, AttributeType::Text, utf8Prefix(pull.text(), kMaxText));
        else if (token == Token::Number)
            add(key, AttributeType::Real, utf8Prefix(pull.text(), kMaxText));
        else if (token == Token::Literal && (pull.text() == "true" || pull.text() == "false"))
            add(key, AttributeType::Boolean, pull.text());
        else if (token == Token::ObjectStart || token == Token::ArrayStart) {
            pullValue(pull, m_json);
            if (m_json.isComplete())
                add(key, AttributeType::Json, m_json.text());
        }
        budget.textBytes -= std::min(budget.textBytes, m_text.size() - before);
    }
    return number;
}

void Payloads::attributes(std::int64_t index, std::vector<Attribute> &out) const
{
    out.clear();
    if (index < 0 || static_cast<std::uint64_t>(index) >= m_starts.size())
        return;
    const auto at = static_cast<std::size_t>(index);
    const std::uint64_t end = at + 1 < m_starts.size() ? m_starts[at + 1] : m_text.size();
    std::string_view rest = std::string_view(m_text).substr(m_starts[at], end - m_starts[at]);
    while (!rest.empty()) {
        Attribute attribute;
        attribute.type = static_cast<AttributeType>(rest.front());
        rest.remove_prefix(1);
        attribute.key = takeText(rest);
        attribute.text = takeText(rest);
        if (attribute.type == AttributeType::Real) {
            const auto integer = parseInt64(attribute.text);
            const auto real = parseDouble(attribute.text);
            attribute.type = integer ? AttributeType::Integer
                : real               ? AttributeType::Real
                                     : AttributeType::Text;
            attribute.integer = integer.value_or(0);
            attribute.real = real.value_or(0);
        } else if (attribute.type == AttributeType::Boolean) {
            attribute.integer = attribute.text == "true" ? 1 : 0;
        }
        out.push_back(attribute);
    }
}

bool Table::mayGrow(JsonPull &pull, Budget &budget, std::size_t cells, ImportReport &report)
{
    if (budget.cells < cells) {
        tellFull(pull, budget, report);
        return false;
    }
    budget.cells -= cells;
    m_cells += cells;
    return true;
}

void Table::read(JsonPull &pull, Budget &budget, Payloads *payloads, ImportReport &report)
{
    if (pull.next() != Token::ObjectStart)
        return pull.skip();
    m_present = true;
    while (pull.next() == Token::Key) {
        const std::string key(pull.text());
        if (key == "schema") {
            if (pull.next() != Token::ObjectStart) {
                pull.skip();
                continue;
            }
            while (pull.next() == Token::Key) {
                const std::string name(pull.text());
                const std::optional<std::int64_t> place = pullInteger(pull);
                if (place && *place >= 0 && *place < static_cast<std::int64_t>(kMaxPlaced))
                    m_schema[name] = static_cast<std::size_t>(*place);
            }
        } else if (key == "weightType") {
            m_weightType = pullText(pull, 64);
        } else if (key == "data") {
            readRows(pull, budget, payloads, report);
        } else if (isWanted(key)) {
            if (pull.next() == Token::ArrayStart)
                readColumn(key, pull, budget, payloads, report);
            else
                pull.skip();
        } else {
            pull.skip();
        }
    }
    m_rows = std::max(m_rows, m_placedRows);
}

/// "data" is the rows, or the column of the payloads: the first element tells.
void Table::readRows(JsonPull &pull, Budget &budget, Payloads *payloads, ImportReport &report)
{
    if (pull.next() != Token::ArrayStart)
        return pull.skip();
    const Token first = pull.next();
    if (first == Token::ArrayEnd || first == Token::End)
        return;
    if (first != Token::ArrayStart) {
        std::vector<Cell> &column = m_named["data"];
        for (Token token = first; token != Token::ArrayEnd && token != Token::End; token = pull.next()) {
            const Cell cell = cellOf(pull, budget, payloads, report);
            if (mayGrow(pull, budget, 1, report))
                column.push_back(cell);
        }
        m_rows = std::max(m_rows, column.size());
        return;
    }
    for (Token token = first; token != Token::ArrayEnd && token != Token::End; token = pull.next()) {
        if (token == Token::ArrayStart) {
            readRow(pull, budget, payloads, report);
            continue;
        }
        // A row goes by its number: a bad one keeps its place.
        pull.startRaw();
        pull.skip();
        report.skip("malformed-row", pull.rawOffset(), pull.rawLength(), "a row of a table is no array",
            pull.raw());
        ++m_placedRows;
        for (std::vector<Cell> &column : m_placed)
            column.push_back(kNull);
    }
}

/// At the ArrayStart of a row.
void Table::readRow(JsonPull &pull, Budget &budget, Payloads *payloads, ImportReport &report)
{
    std::size_t place = 0;
    if (!mayGrow(pull, budget, std::max<std::size_t>(m_placed.size(), 1), report))
        return pull.skip();
    for (;;) {
        const Token token = pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            break;
        const Cell cell = cellOf(pull, budget, payloads, report);
        if (place >= kMaxPlaced)
            continue;
        if (place == m_placed.size()) {
            if (!mayGrow(pull, budget, m_placedRows + 1, report))
                continue;
            m_placed.emplace_back(m_placedRows, kNull);
        }
        m_placed[place++].push_back(cell);
    }
    ++m_placedRows;
    for (std::vector<Cell> &column : m_placed)
        column.resize(m_placedRows, kNull);
}

/// Behind the ArrayStart of a column.
void Table::readColumn(std::string_view name, JsonPull &pull, Budget &budget, Payloads *payloads,
    ImportReport &report)
{
    std::vector<Cell> &column = m_named[std::string(name)];
    for (;;) {
        const Token token = pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            break;
        const Cell cell = cellOf(pull, budget, payloads, report);
        if (mayGrow(pull, budget, 1, report))
            column.push_back(cell);
    }
    m_rows = std::max(m_rows, column.size());
}

const std::vector<Cell> *Table::column(std::string_view name) const
{
    if (const auto named = m_named.find(name); named != m_named.end())
        return &named->second;
    const auto place = m_schema.find(name);
    return place != m_schema.end() && place->second < m_placed.size() ? &m_placed[place->second] : nullptr;
}

Cell cellAt(const std::vector<Cell> *column, std::size_t row)
{
    return column != nullptr && row < column->size() ? (*column)[row] : kNull;
}

std::optional<std::size_t> indexAt(const std::vector<Cell> *column, std::size_t row)
{
    const Cell cell = cellAt(column, row);
    if (cell == kNull || cell < 0)
        return std::nullopt;
    return static_cast<std::size_t>(cell / kOne);
}

} // namespace tailscope::import::firefox
