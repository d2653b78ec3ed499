// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/flameprofiles.h"

namespace tailscope::items {

namespace {

/// More profiles than anyone picks from a list.
constexpr std::int64_t kMaxProfiles = 10'000;

QString toQString(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

} // namespace

QString FlameProfile::title() const
{
    QString text = name.isEmpty() ? QString::number(id) : name;
    if (!sampleType.isEmpty() && sampleType != unit)
        text += QStringLiteral(": %1 (%2)").arg(sampleType, unit);
    else if (!unit.isEmpty())
        text += QStringLiteral(" (%1)").arg(unit);
    return text;
}

QString FlameProfile::label() const
{
    return sourceName.isEmpty() || title().contains(sourceName)
        ? title()
        : QStringLiteral("%1 · %2").arg(sourceName, title());
}

analysis::RecordingFacts FlameProfile::facts() const
{
    return {unit.toStdString(), sampleType.toStdString(), kind.toStdString(), sampleCount, totalWeight,
        period, duration};
}

Result<std::vector<FlameProfile>> readProfiles(const store::Workspace &workspace)
{
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    auto statement = database->prepare(
        "SELECT p.id, p.name, p.kind, p.sample_type, p.unit, p.sample_count, p.total_weight, p.source_id,"
        " (SELECT s.format FROM source AS s WHERE s.id = p.source_id), p.period, p.duration_ns,"
        " (SELECT s.path FROM source AS s WHERE s.id = p.source_id)"
        " FROM profile AS p ORDER BY p.id LIMIT ?1");
    if (!statement)
        return tl::unexpected(statement.error());
    statement->bind(0, kMaxProfiles);
    std::vector<FlameProfile> profiles;
    while (true) {
        auto row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return profiles;
        FlameProfile profile{statement->integer(0), toQString(statement->text(1)),
            toQString(statement->text(2)), toQString(statement->text(3)), toQString(statement->text(4)),
            statement->integer(5), statement->isNull(6) ? 0.0 : statement->real(6), statement->integer(7),
            toQString(statement->text(8)), statement->integer(9), statement->integer(10),
            toQString(statement->text(11)).section(QLatin1Char('/'), -1)};
        profiles.push_back(std::move(profile));
    }
}

Result<std::map<std::pair<std::string, std::string>, FrameSite>>
readFrameSites(const store::Workspace &workspace, const std::vector<qint64> &profiles)
{
    std::map<std::pair<std::string, std::string>, FrameSite> sites;
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    auto statement = database->prepare(
        "SELECT f.function, ifnull(f.module, ''), f.file, ifnull(min(f.line), 0) FROM frame AS f"
        " WHERE f.source_id = (SELECT p.source_id FROM profile AS p WHERE p.id = ?1) AND f.file IS NOT NULL"
        " GROUP BY 1, 2");
    if (!statement)
        return tl::unexpected(statement.error());
    for (const qint64 profile : profiles) {
        statement->reset();
        statement->bind(0, std::int64_t(profile));
        while (true) {
            auto row = statement->step();
            if (!row)
                return tl::unexpected(row.error());
            if (!*row)
                break;
            if (!statement->text(2).empty())
                sites.try_emplace({std::string(statement->text(0)), std::string(statement->text(1))},
                    FrameSite{std::string(statement->text(2)), statement->integer(3)});
        }
    }
    return sites;
}

} // namespace tailscope::items
