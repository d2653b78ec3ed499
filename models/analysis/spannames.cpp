// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/spannames.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace tailscope::analysis {

namespace {

constexpr std::string_view kOtherOperations = "other operations";

// The text behind an id of table string, or the value itself: the convention of the internal tables.
std::string textOf(const std::string &column)
{
    return "CASE typeof(" + column + ") WHEN 'integer' THEN (SELECT text FROM string WHERE id = " + column
        + ") ELSE " + column + " END";
}

} // namespace

Result<std::vector<TrackInfo>> readTracks(store::Database &database, const std::vector<ScanSource> &sources)
{
    Result<store::Statement> statement = database.prepare("SELECT id, " + textOf("process_id") + ", "
        + textOf("thread_id") + ", " + textOf("service_id") + ", " + textOf("instance_id")
        + ", process_sort, thread_sort, shape FROM track WHERE source_id = ? ORDER BY id");
    if (!statement)
        return tl::unexpected(std::move(statement.error()));
    std::vector<TrackInfo> tracks;
    for (const ScanSource &source : sources) {
        statement->bind(0, source.id);
        for (;;) {
            const Result<bool> row = statement->step();
            if (!row)
                return tl::unexpected(row.error());
            if (!*row)
                break;
            TrackInfo track;
            track.id = statement->integer(0);
            track.sourceId = source.id;
            track.process = std::string(statement->text(1));
            track.thread = std::string(statement->text(2));
            track.service = std::string(statement->text(3));
            track.instance = std::string(statement->text(4));
            track.processSort = statement->integer(5);
            track.threadSort = statement->integer(6);
            track.shape = std::uint8_t(std::clamp<std::int64_t>(statement->integer(7), 0, 2));
            tracks.push_back(std::move(track));
        }
        statement->reset();
    }
    const auto key = [](const TrackInfo &track) {
        return std::tie(track.sourceId, track.processSort, track.process, track.threadSort, track.thread,
            track.service, track.instance, track.id);
    };
    std::sort(tracks.begin(), tracks.end(),
        [key](const TrackInfo &a, const TrackInfo &b) { return key(a) < key(b); });
    return tracks;
}

TrackPlaces::TrackPlaces(const std::vector<TrackInfo> &tracks)
{
    std::vector<std::pair<std::int64_t, std::uint32_t>> byId;
    for (std::uint32_t i = 0; i < tracks.size(); ++i)
        byId.push_back({tracks[i].id, i});
    std::sort(byId.begin(), byId.end());
    std::vector<std::int64_t> ids;
    for (const auto &[id, track] : byId) {
        ids.push_back(id);
        m_tracks.push_back(track);
    }
    m_ids = IdIndex(std::move(ids));
}

std::uint32_t OperationNames::mark(int part, const ScannedSpan &span)
{
    return span.operation >= 0 ? markId(part, span.operation) : markText(part, span.operationText);
}

std::uint32_t OperationNames::markId(int part, std::int64_t stringId)
{
    Part &own = m_parts[std::size_t(part)];
    if (stringId >= kTableIds) {
        const auto [place, isNew] = own.numberOfHighId.emplace(stringId, std::uint32_t(own.names.size()));
        if (isNew)
            own.names.push_back({stringId, {}});
        return markOf(part, place->second);
    }
    const auto id = std::size_t(std::max<std::int64_t>(0, stringId));
    if (id >= own.numberOfId.size())
        own.numberOfId.resize(std::min(std::size_t(kTableIds), id + id / 2 + 1024), 0);
    std::uint32_t &number = own.numberOfId[id];
    if (number == 0) {
        own.names.push_back({std::int64_t(id), {}});
        number = std::uint32_t(own.names.size());
    }
    return markOf(part, number - 1);
}

std::uint32_t OperationNames::markText(int part, std::string_view text)
{
    Part &own = m_parts[std::size_t(part)];
    const bool isFull = own.numberOfText.size() >= kMaxTexts;
    std::string name(text);
    if (isFull && !own.numberOfText.contains(name))
        name = kOtherOperations;
    const auto [place, isNew] = own.numberOfText.emplace(std::move(name), std::uint32_t(own.names.size()));
    if (isNew)
        own.names.push_back({-1, place->first});
    return markOf(part, place->second);
}

Result<std::vector<std::string>> OperationNames::resolve(store::Database &database)
{
    Result<store::Statement> statement = database.prepare("SELECT text FROM string WHERE id = ?");
    if (!statement)
        return tl::unexpected(std::move(statement.error()));
    // (string id or a number past all of them, mark)
    std::vector<std::pair<std::int64_t, std::uint32_t>> marks;
    const auto parts = std::uint32_t(m_parts.size());
    std::size_t longest = 0;
    for (std::uint32_t part = 0; part < parts; ++part) {
        const std::vector<Part::Name> &names = m_parts[part].names;
        longest = std::max(longest, names.size());
        for (std::uint32_t i = 0; i < names.size(); ++i)
            marks.push_back({names[i].id >= 0 ? names[i].id : std::numeric_limits<std::int64_t>::max(),
                i * parts + part});
    }
    std::sort(marks.begin(), marks.end());

    std::vector<std::string> names;
    std::unordered_map<std::string, std::uint32_t> known;
    m_final.assign(longest * parts, 0);
    for (const auto &[id, mark] : marks) {
        std::string text = m_parts[mark % parts].names[mark / parts].text;
        if (m_parts[mark % parts].names[mark / parts].id >= 0) {
            statement->bind(0, id);
            const Result<bool> row = statement->step();
            if (!row)
                return tl::unexpected(row.error());
            text = *row ? std::string(statement->text(0)) : std::string();
            statement->reset();
        }
        const auto [place, isNew] = known.emplace(std::move(text), std::uint32_t(names.size()));
        if (isNew)
            names.push_back(place->first);
        m_final[mark] = place->second;
    }
    m_parts.clear();
    return names;
}

} // namespace tailscope::analysis
