// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/recordingsquery.h"

#include <algorithm>
#include <set>

namespace tailscope::items {

namespace {

using analysis::RecordingItem;
using analysis::RecordingSide;

const RecordingItem *itemOf(const std::vector<RecordingItem> &recordings, std::int64_t source)
{
    const auto found = std::find_if(recordings.begin(), recordings.end(),
        [&](const RecordingItem &one) { return one.source == source; });
    return found == recordings.end() ? nullptr : &*found;
}

void settle(RecordingSide &side, const std::vector<RecordingItem> &recordings)
{
    if (!side.range.isEmpty())
        return;
    if (const RecordingItem *one = itemOf(recordings, side.source)) {
        side.range = one->range;
        return;
    }
    side.range = recordings.front().range;
    for (const RecordingItem &one : recordings) {
        side.range.begin = std::min(side.range.begin, one.range.begin);
        side.range.end = std::max(side.range.end, one.range.end);
    }
}

Result<void> readTexts(store::Database &reader, RecordingComparison &out)
{
    Result<store::Statement> text
        = reader.prepare("SELECT ifnull(normalized, text) FROM statement WHERE id = ?1");
    if (!text)
        return tl::unexpected(std::move(text.error()));
    for (const analysis::StatementChange &one : out.statements) {
        if (one.statement == 0)
            continue;
        text->bind(0, one.statement);
        const Result<bool> row = text->step();
        if (!row)
            return tl::unexpected(row.error());
        if (*row)
            out.texts[one.statement] = std::string(text->text(0));
        text->reset();
    }
    return {};
}

Result<void> compareTables(const store::Workspace &workspace, const std::vector<RecordingItem> &recordings,
    RecordingComparison &out, const Progress &progress)
{
    for (const bool isFirst : {true, false}) {
        const RecordingSide &side = isFirst ? out.first : out.second;
        ObjectRequest request;
        request.moment = side.range.end - 1;
        request.range = side.range;
        if (const RecordingItem *one = itemOf(recordings, side.source))
            request.notBefore = one->range.begin;
        auto list = readTables(workspace, request, progress);
        if (!list)
            return tl::unexpected(list.error());
        for (TableItem &item : list->tables) {
            if (item.seenNs == kUnknownNanos)
                continue; // the catalog knows it, no sample of this side
            auto &both = out.tables[item.qualifiedName() + " · " + list->servers[item.server].label];
            (isFirst ? both.first : both.second) = std::move(item);
        }
    }
    return {};
}

Result<void> compareSettings(store::Database &reader, RecordingComparison &out)
{
    const auto groups = analysis::ServerGroups::load(reader);
    if (!groups)
        return tl::unexpected(groups.error());
    const auto first = readSettings(reader, *groups, out.first.range.end - 1);
    const auto second = readSettings(reader, *groups, out.second.range.end - 1);
    for (const auto *settings : {&first, &second}) {
        if (!*settings)
            return tl::unexpected(settings->error());
    }
    for (std::size_t group = 0; group < groups->all().size(); ++group) {
        const Settings &a = (*first)[group], &b = (*second)[group];
        if (a.empty() || b.empty())
            continue; // nobody asked in one of them
        std::set<std::string> names;
        for (const Settings *settings : {&a, &b}) {
            for (const auto &[name, value] : *settings)
                names.insert(name);
        }
        for (const std::string &name : names) {
            const auto x = a.find(name), y = b.find(name);
            SettingChange change{name, (*groups)[group].label, {}, {}};
            if (x != a.end())
                change.first = x->second;
            if (y != b.end())
                change.second = y->second;
            if (change.first != change.second)
                out.settings.push_back(std::move(change));
        }
    }
    return {};
}

} // namespace

Result<std::vector<RecordingItem>> comparableRecordings(const store::Workspace &workspace)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    return analysis::readRecordings(*reader);
}

Result<RecordingComparison> compareRecordings(const store::Workspace &workspace,
    const std::vector<RecordingItem> &recordings, RecordingSide first, RecordingSide second, bool isChosen,
    const Progress &progress)
{
    RecordingComparison out;
    if (recordings.empty())
        return out;
    if (!isChosen && recordings.size() > 1) {
        first = {recordings[recordings.size() - 2].source, {}};
        second = {recordings.back().source, {}};
    } else if (!isChosen) {
        const RecordingItem &only = recordings.front();
        const Nanos middle = only.range.begin + only.range.length() / 2;
        first = {only.source, {only.range.begin, middle}};
        second = {only.source, {middle, only.range.end}};
    }
    settle(first, recordings);
    settle(second, recordings);
    out.first = first;
    out.second = second;
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    reader->setCancel(progress.cancel);
    const auto statementsA = analysis::readStatementRange(*reader, {first.range, {}, first.source}, progress);
    if (!statementsA)
        return tl::unexpected(statementsA.error());
    const auto statementsB
        = analysis::readStatementRange(*reader, {second.range, {}, second.source}, progress);
    if (!statementsB)
        return tl::unexpected(statementsB.error());
    out.firstSeconds = analysis::coveredSeconds(*statementsA);
    out.secondSeconds = analysis::coveredSeconds(*statementsB);
    if (out.firstSeconds > 0 && out.secondSeconds > 0)
        out.statements
            = analysis::compareStatements(*statementsA, out.firstSeconds, *statementsB, out.secondSeconds);
    TS_TRY(readTexts(*reader, out));
    analysis::ActivityRequest activity;
    activity.group = analysis::ActivityGroup::WaitEvent;
    activity.range = first.range;
    activity.source = first.source;
    const auto waitsA = analysis::readActivity(*reader, activity, progress);
    if (!waitsA)
        return tl::unexpected(waitsA.error());
    activity.range = second.range;
    activity.source = second.source;
    const auto waitsB = analysis::readActivity(*reader, activity, progress);
    if (!waitsB)
        return tl::unexpected(waitsB.error());
    out.waits = analysis::compareWaits(*waitsA, *waitsB);
    auto figures = analysis::readHeadlines(*reader, first, second, progress);
    if (!figures)
        return tl::unexpected(figures.error());
    out.figures = std::move(*figures);
    TS_TRY(compareTables(workspace, recordings, out, progress));
    TS_TRY(compareSettings(*reader, out));
    return out;
}

} // namespace tailscope::items
