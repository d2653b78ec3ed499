// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/csvtable/tablepreview.h"

#include "base/text.h"
#include "import/csvseries/csvrecords.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <set>

namespace tailscope::import::csvtable {

namespace {

constexpr double kMost = 0.75; // of the first values; some may be damaged
constexpr std::array<std::string_view, 14> kTimeNames{"ts", "time", "timestamp", "@timestamp", "date",
    "datetime", "date time", "time stamp", "epoch", "sampled_at", "created_at", "period", "utc",
    "time (utc)"};

/// The lines of the prefix from the header on, without a last one that may be cut.
std::string_view body(std::string_view prefix, std::size_t skip)
{
    if (prefix.size() >= kSniffBytes) {
        const std::size_t end = prefix.rfind('\n');
        prefix = end == std::string_view::npos ? std::string_view() : prefix.substr(0, end + 1);
    }
    while (!prefix.empty()) {
        const std::size_t end = prefix.find('\n');
        const std::string_view line = trimmed(prefix.substr(0, end));
        const bool passed = skip > 0 || line.empty() || line.front() == '#' || line.starts_with("sep=");
        if (!passed)
            break;
        skip -= skip > 0 ? 1 : 0;
        prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
    }
    return prefix;
}

std::vector<std::vector<std::string>> recordsOf(std::string_view text, char delimiter)
{
    MemorySource source{std::string(text), "preview"};
    LineReader lines(source, CsvRecords::kMaxLine);
    CsvRecords records(lines, delimiter);
    CsvRecord record;
    std::vector<std::vector<std::string>> all;
    while (all.size() <= TablePreview::kMaxRows && records.next(record)) {
        if (record.blank || record.problem != CsvRecord::Problem::None
            || record.fields.size() > TablePreview::kMaxColumns)
            continue;
        auto &row = all.emplace_back();
        for (const std::string_view field : record.fields)
            row.push_back(sanitizedUtf8(trimmed(field)));
    }
    return all;
}

/// The delimiter that cuts most of the rows into equally many fields.
char delimiterOf(std::string_view text)
{
    char best = ',';
    double bestScore = 0;
    for (const char delimiter : {',', ';', '\t', '|'}) {
        const auto rows = recordsOf(text, delimiter);
        if (rows.empty() || rows.front().size() < 2)
            continue;
        const std::size_t width = rows.front().size();
        const auto even
            = std::count_if(rows.begin(), rows.end(), [&](const auto &row) { return row.size() == width; });
        // Decimal commas cut fields too, but not evenly; of two even ones the one with more fields.
        const double score
            = double(even) / double(rows.size()) + double(std::min<std::size_t>(width, 50)) / 1000;
        if (score > bestScore) {
            best = delimiter;
            bestScore = score;
        }
    }
    return best;
}

bool isTime(std::string_view text)
{
    if (parseTimestamp(text))
        return true;
    const std::optional<double> number = parseDouble(text);
    return number && *number > 1e8 && *number < 1e19; // since 1970, from 1973 on
}

template<typename Fits>
double shareOf(const TablePreview &table, std::size_t column, Fits fits)
{
    std::size_t all = 0, good = 0;
    for (const auto &row : table.rows) {
        if (column >= row.size() || isGap(row[column]))
            continue;
        ++all;
        good += fits(row[column]) ? 1 : 0;
    }
    return all == 0 ? 0 : double(good) / double(all);
}

} // namespace

std::optional<TablePreview> TablePreview::read(std::string_view prefix, const ColumnMap *map)
{
    const std::string_view text = body(prefix, map != nullptr ? map->skipLines : 0);
    TablePreview preview;
    preview.delimiter = map != nullptr && map->delimiter ? *map->delimiter : delimiterOf(text);
    auto rows = recordsOf(text, preview.delimiter);
    if (rows.empty() || rows.front().size() < 2)
        return std::nullopt;
    const auto numbers = std::count_if(rows.front().begin(), rows.front().end(),
        [&](const std::string &cell) { return cellNumber(cell, preview.delimiter) || parseTimestamp(cell); });
    preview.hasHeader = map != nullptr ? map->hasHeader : numbers == 0;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < rows.front().size(); ++i) {
        std::string name
            = preview.hasHeader && !rows.front()[i].empty() ? rows.front()[i] : "#" + std::to_string(i + 1);
        const std::string base = name;
        for (int n = 2; !seen.insert(name).second; ++n)
            name = base + " (" + std::to_string(n) + ")";
        preview.columns.push_back(std::move(name));
    }
    if (preview.hasHeader) {
        preview.headerLine = std::string(trimmed(text.substr(0, text.find('\n'))));
        rows.erase(rows.begin());
    }
    if (rows.size() > kMaxRows)
        rows.resize(kMaxRows);
    preview.rows = std::move(rows);
    return preview;
}

int TablePreview::indexOf(std::string_view column) const
{
    const std::string wanted = toLowerAscii(trimmed(column));
    if (wanted.empty())
        return -1;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (toLowerAscii(columns[i]) == wanted)
            return static_cast<int>(i);
    }
    if (wanted.front() == '#') {
        const auto number = parseInt64(wanted.substr(1));
        if (number && *number >= 1 && *number <= std::int64_t(columns.size()))
            return static_cast<int>(*number - 1);
    }
    return -1;
}

std::optional<ColumnMap> guessMap(const TablePreview &preview)
{
    ColumnMap map;
    map.delimiter = preview.delimiter;
    map.hasHeader = preview.hasHeader;
    int time = -1;
    for (std::size_t i = 0; i < preview.columns.size() && time < 0; ++i) {
        const std::string name = toLowerAscii(preview.columns[i]);
        if (std::find(kTimeNames.begin(), kTimeNames.end(), name) != kTimeNames.end()
            && shareOf(preview, i, isTime) >= kMost)
            time = static_cast<int>(i);
    }
    // Without such a name: the first column, when all it has are times with a date.
    if (time < 0
        && shareOf(preview, 0, [](const std::string &cell) { return parseTimestamp(cell).has_value(); }) == 1)
        time = 0;
    if (time < 0)
        return std::nullopt;
    map.timeColumn = preview.columns[std::size_t(time)];
    bool any = false;
    for (std::size_t i = 0; i < preview.columns.size(); ++i) {
        if (static_cast<int>(i) == time)
            continue;
        const double numbers = shareOf(preview, i,
            [&](const std::string &cell) { return cellNumber(cell, preview.delimiter).has_value(); });
        const bool empty = std::all_of(preview.rows.begin(), preview.rows.end(),
            [&](const std::vector<std::string> &row) { return i >= row.size() || isGap(row[i]); });
        // A label of many values would make a series of each.
        if (numbers > 0.5 || empty)
            any = any || !empty;
        else
            map.labels.push_back(preview.columns[i]);
    }
    return any ? std::optional(map) : std::nullopt;
}

bool isGap(std::string_view text)
{
    static constexpr std::array<std::string_view, 7> kGaps{"nan", "null", "na", "n/a", "-", "none",
        "undefined"};
    if (text.empty())
        return true;
    if (text.size() > 9)
        return false;
    const std::string lower = toLowerAscii(text);
    return std::find(kGaps.begin(), kGaps.end(), lower) != kGaps.end();
}

std::optional<CellNumber> cellNumber(std::string_view text, char delimiter)
{
    CellNumber number;
    text = trimmed(text);
    if (text.ends_with('%')) {
        number.isPercent = true;
        text = trimmed(text.substr(0, text.size() - 1));
    }
    if (const auto parsed = parseDouble(text)) {
        number.value = *parsed;
        return number;
    }
    if (delimiter == ',' || std::count(text.begin(), text.end(), ',') != 1
        || text.find('.') != std::string_view::npos)
        return std::nullopt;
    std::string dotted(text);
    std::replace(dotted.begin(), dotted.end(), ',', '.');
    const auto parsed = parseDouble(dotted);
    if (!parsed)
        return std::nullopt;
    number.value = *parsed;
    number.hadComma = true;
    return number;
}

std::optional<std::string> isoTime(std::string_view text, const std::string &pattern)
{
    std::tm time{};
    time.tm_mday = 1;
    const std::string whole(trimmed(text));
    const char *end = strptime(whole.c_str(), pattern.c_str(), &time);
    if (end == nullptr)
        return std::nullopt;
    const std::string_view rest(end);
    const bool isFraction = rest.size() > 1 && (rest.front() == '.' || rest.front() == ',')
        && rest.find_first_not_of("0123456789", 1) == std::string_view::npos;
    if (!rest.empty() && !isFraction)
        return std::nullopt;
    std::array<char, 64> out{};
    if (std::strftime(out.data(), out.size(), "%Y-%m-%d %H:%M:%S", &time) == 0)
        return std::nullopt;
    std::string iso = out.data();
    if (isFraction)
        iso += "." + std::string(rest.substr(1, 9));
    // %z leaves the offset behind; without it the zone of the import holds.
    if (pattern.find("%z") != std::string::npos) {
        const long minutes = time.tm_gmtoff / 60;
        std::array<char, 48> zone{};
        std::snprintf(zone.data(), zone.size(), "%c%02ld:%02ld", minutes < 0 ? '-' : '+',
            std::labs(minutes) / 60, std::labs(minutes) % 60);
        iso += zone.data();
    }
    return iso;
}

} // namespace tailscope::import::csvtable
