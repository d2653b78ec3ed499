// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/tablefigures.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace tailscope::analysis {

namespace {

constexpr double kPage = 8192, kPageHeader = 24, kLinePointer = 4, kAlignment = 8, kRowHeader = 23;
constexpr double kLeastPages = 10; ///< below it an estimate is noise

std::map<std::string, std::string, std::less<>> optionsOf(std::string_view text)
{
    std::map<std::string, std::string, std::less<>> out;
    for (const std::string_view part : split(text, ',')) {
        std::string_view option = trimmed(part);
        while (!option.empty() && (option.front() == '{' || option.front() == '[' || option.front() == '"'))
            option.remove_prefix(1);
        while (!option.empty() && (option.back() == '}' || option.back() == ']' || option.back() == '"'))
            option.remove_suffix(1);
        const std::size_t equals = option.find('=');
        if (equals != std::string_view::npos)
            out.emplace(toLowerAscii(trimmed(option.substr(0, equals))), trimmed(option.substr(equals + 1)));
    }
    return out;
}

bool isOff(std::string_view value)
{
    const std::string lower = toLowerAscii(value);
    return lower == "off" || lower == "false" || lower == "no" || lower == "0" || lower == "f";
}

double aligned(double bytes) { return std::ceil(bytes / kAlignment) * kAlignment; }

} // namespace

VacuumSettings vacuumSettings(const std::function<std::optional<std::string>(std::string_view)> &setting,
    std::string_view reloptions)
{
    const auto own = optionsOf(reloptions);
    const auto text = [&](std::string_view name, bool hasOwn) -> std::optional<std::string> {
        if (hasOwn) {
            const std::string option = name == "autovacuum" ? "autovacuum_enabled" : std::string(name);
            if (const auto found = own.find(option); found != own.end())
                return found->second;
        }
        return setting(name);
    };
    const auto number = [&](std::string_view name, double &value, bool hasOwn = true) {
        const auto found = text(name, hasOwn);
        const auto parsed = found ? parseDouble(*found) : std::nullopt;
        if (parsed && std::isfinite(*parsed))
            value = *parsed;
    };
    VacuumSettings out;
    // Where it is off for the server, no table's own option turns it on.
    const auto server = setting("autovacuum");
    const auto table = text("autovacuum", true);
    out.isEnabled = !(server && isOff(*server)) && !(table && isOff(*table));
    number("autovacuum_vacuum_threshold", out.threshold);
    number("autovacuum_vacuum_scale_factor", out.scaleFactor);
    number("autovacuum_vacuum_insert_threshold", out.insertThreshold);
    number("autovacuum_vacuum_insert_scale_factor", out.insertScaleFactor);
    number("autovacuum_analyze_threshold", out.analyzeThreshold);
    number("autovacuum_analyze_scale_factor", out.analyzeScaleFactor);
    number("autovacuum_freeze_max_age", out.freezeMaxAge, false);
    if (const auto found = own.find("autovacuum_freeze_max_age"); found != own.end()) {
        // A table's own value may only make it earlier.
        if (const auto value = parseDouble(found->second); value && *value > 0)
            out.freezeMaxAge = std::min(out.freezeMaxAge, *value);
    }
    double cap = -1;
    number("autovacuum_vacuum_max_threshold", cap);
    if (cap >= 0)
        out.maxThreshold = cap;
    if (const auto found = own.find("fillfactor"); found != own.end()) {
        if (const auto value = parseDouble(found->second); value && *value >= 10 && *value <= 100)
            out.fillFactor = *value;
    }
    return out;
}

VacuumTrigger vacuumTrigger(const VacuumSettings &settings, double rows)
{
    rows = std::max(rows, 0.0);
    VacuumTrigger out;
    out.dead = settings.threshold + settings.scaleFactor * rows;
    if (settings.maxThreshold)
        out.dead = std::min(out.dead, *settings.maxThreshold);
    if (settings.insertThreshold >= 0)
        out.inserted = settings.insertThreshold + settings.insertScaleFactor * rows;
    out.changed = settings.analyzeThreshold + settings.analyzeScaleFactor * rows;
    return out;
}

std::optional<BloatEstimate> estimateBloat(std::span<const BloatColumn> columns, double rows, double pages,
    double fillFactor)
{
    if (columns.empty() || rows < 1 || pages < kLeastPages)
        return std::nullopt;
    double data = 0;
    bool hasNulls = false;
    for (const BloatColumn &column : columns) {
        if (!column.width || !column.nullShare)
            return std::nullopt;
        data += *column.width * (1 - *column.nullShare);
        hasNulls = hasNulls || *column.nullShare > 0;
    }
    const double header = aligned(kRowHeader + (hasNulls ? std::ceil(double(columns.size()) / 8) : 0));
    const double row = header + aligned(data) + kLinePointer;
    const double room = (kPage - kPageHeader) * fillFactor / 100;
    const double perPage = std::max(std::floor(room / row), 1.0);
    const double needed = std::ceil(rows / perPage);
    BloatEstimate out;
    out.bytes = std::max(pages - needed, 0.0) * kPage;
    out.share = std::max(pages - needed, 0.0) / pages;
    out.doubt = "an estimate from mean widths and " + groupedCount(std::llround(rows))
        + " counted rows; exact only by pgstattuple_approx()";
    if (row > kPage / 4)
        out.doubt += "; rows of about " + humanBytes(std::uint64_t(row))
            + " are partly kept outside the table (TOAST): it may be much too low or too high";
    else if (perPage < 10)
        out.doubt += "; only " + groupedCount(std::llround(perPage))
            + " rows fit a page, the rest of each page is not counted as bloat";
    return out;
}

TableGrowth tableGrowth(const TableCounters &before, const TableCounters &now)
{
    TableGrowth out;
    for (std::size_t i = 0; i < now.size(); ++i)
        out.wasReset = out.wasReset || (before[i] && now[i] && *now[i] < *before[i]);
    for (std::size_t i = 0; i < now.size(); ++i) {
        if (now[i] && (before[i] || out.wasReset))
            out.by[i] = out.wasReset ? *now[i] : *now[i] - *before[i];
    }
    return out;
}

} // namespace tailscope::analysis
