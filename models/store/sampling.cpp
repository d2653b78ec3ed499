// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/sampling.h"

#include "base/text.h"

#include <cmath>
#include <cstdio>

namespace tailscope::store {

namespace {

constexpr std::string_view kPrefix = "sampling:";

std::optional<double> inRange(std::optional<double> probability)
{
    return probability && *probability > 0 && *probability <= 1 ? probability : std::nullopt;
}

/// All digits of a double, so that 1 / 3 comes back as it was.
std::string exact(double value)
{
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", value);
    return text;
}

} // namespace

std::optional<double> parseSampling(std::string_view text)
{
    text = trimmed(text);
    for (const std::string_view between : {std::string_view("/"), std::string_view(" in ")}) {
        const std::size_t at = text.find(between);
        if (at == std::string_view::npos)
            continue;
        const auto kept = parseDouble(trimmed(text.substr(0, at)));
        const auto of = parseDouble(trimmed(text.substr(at + between.size())));
        return kept && of && *of > 0 ? inRange(*kept / *of) : std::nullopt;
    }
    if (text.ends_with('%')) {
        const auto percent = parseDouble(trimmed(text.substr(0, text.size() - 1)));
        return percent ? inRange(*percent / 100) : std::nullopt;
    }
    return inRange(parseDouble(text));
}

std::string samplingText(double probability)
{
    const double of = 1 / probability;
    if (std::abs(of - std::round(of)) < 1e-6 * of && of < 1e15)
        return "1 in " + groupedCount(std::int64_t(std::llround(of)));
    char text[40];
    std::snprintf(text, sizeof text, "%.3g %%", probability * 100);
    return text;
}

std::string samplingKey(std::int64_t sourceId) { return std::string(kPrefix) + std::to_string(sourceId); }

Result<void> stateSampling(const Workspace &workspace, std::int64_t sourceId,
    const std::optional<double> &probability)
{
    Result<Database> writer = workspace.connectWriter();
    if (!writer)
        return tl::unexpected(std::move(writer.error()));
    TS_TRY(writer->begin());
    const auto store = [&]() -> Result<void> {
        Result<Statement> statement
            = writer->prepare(probability ? "INSERT OR REPLACE INTO setting_kv (key, value) VALUES (?, ?)"
                                          : "DELETE FROM setting_kv WHERE key = ?");
        if (!statement)
            return tl::unexpected(std::move(statement.error()));
        const std::string key = samplingKey(sourceId), value = exact(probability.value_or(0));
        statement->bind(0, std::string_view(key));
        if (probability)
            statement->bind(1, std::string_view(value));
        TS_TRY(statement->run());
        return bumpGenerationsOf(*writer, sourceId);
    };
    if (const Result<void> stored = store(); !stored) {
        writer->rollback();
        return stored;
    }
    return writer->commit();
}

Result<std::map<std::int64_t, double>> statedSampling(Database &database)
{
    std::map<std::int64_t, double> stated;
    Result<Statement> rows = database.prepare(
        "SELECT key, value FROM setting_kv WHERE key >= 'sampling:' AND key < 'sampling;'");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return stated;
        const auto source = parseInt64(rows->text(0).substr(kPrefix.size()));
        const auto probability = inRange(parseDouble(rows->text(1)));
        if (source && probability)
            stated[*source] = *probability;
    }
}

} // namespace tailscope::store
