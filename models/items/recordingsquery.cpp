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

struct StatementText
{
    std::string fingerprint, text;
};
using StatementTexts = std::map<std::int64_t, StatementText>; ///< by statement

Result<StatementTexts> readTexts(store::Database &reader, const analysis::StatementRange &range)
{
    StatementTexts out;
    Result<store::Statement> text
        = reader.prepare("SELECT ifnull(normalized, text), fingerprint FROM statement WHERE id = ?1");
    if (!text)
        return tl::unexpected(std::move(text.error()));
    for (const analysis::StatementInRange &one : range.statements) {
        if (one.statement == 0)
            continue;
        text->bind(0, one.statement);
        const Result<bool> row = text->step();
        if (!row)
            return tl::unexpected(row.error());
        if (*row)
            out[one.statement] = {std::string(text->text(1)), std::string(text->text(0))};
        text->reset();
    }
    return out;
}

/// Statements of another workspace get the numbers of those with the same fingerprint, which is of one
/// statement in each; what is new gets numbers beyond all of the first.
void renumber(analysis::StatementRange &range, StatementTexts &texts, const analysis::StatementRange &first,
    const StatementTexts &firstTexts)
{
    std::map<std::string_view, std::int64_t> known;
    for (const auto &[id, text] : firstTexts)
        known.try_emplace(text.fingerprint, id);
    std::int64_t next = 1;
    for (const analysis::StatementInRange &one : first.statements)
        next = std::max(next, one.statement + 1);
    StatementTexts renumbered;
    for (analysis::StatementInRange &one : range.statements) {
        if (one.statement == 0)
            continue;
        StatementText &text = texts[one.statement];
        const auto same = known.find(text.fingerprint);
        one.statement = same != known.end() ? same->second : next++;
        renumbered[one.statement] = std::move(text);
    }
    texts = std::move(renumbered);
}

SideCoverage coverageOf(const analysis::StatementRange &statements, const analysis::ActivityHistory &activity)
{
    SideCoverage out;
    out.servers = statements.servers;
    out.tooFew = statements.tooFew;
    out.resets = statements.resets;
    out.gone = statements.gone;
    out.evictions = statements.evictions;
    out.sessionSamples = activity.sampleCount;
    return out;
}

/// By all that names a table: databases of one server have tables of the same name.
std::string keyOf(const TableItem &item, const TableList &list)
{
    const std::string database = item.dbname.empty() ? std::string() : " · " + item.dbname;
    return item.qualifiedName() + database + " · " + list.servers[item.server].label;
}

Result<void> compareTables(const ComparedSide &from, bool isFirst, RecordingComparison &out,
    const Progress &progress)
{
    ObjectRequest request;
    request.moment = from.side.range.end - 1;
    request.range = from.side.range;
    request.source = from.side.source;
    auto list = readTables(*from.workspace, request, progress);
    if (!list)
        return tl::unexpected(list.error());
    for (TableItem &item : list->tables) {
        if (item.seenNs == kUnknownNanos)
            continue; // the catalog knows it, no sample of this side
        auto &both = out.tables[keyOf(item, *list)];
        (isFirst ? both.first : both.second) = std::move(item);
    }
    return {};
}

/// Settings of both sides of one server.
void compareSettings(const Settings &a, const Settings &b, const std::string &server,
    std::vector<SettingChange> &out)
{
    if (a.empty() || b.empty())
        return; // nobody asked in one of them
    std::set<std::string> names;
    for (const Settings *settings : {&a, &b}) {
        for (const auto &[name, value] : *settings)
            names.insert(name);
    }
    for (const std::string &name : names) {
        const auto x = a.find(name), y = b.find(name);
        SettingChange change{name, server, {}, {}};
        if (x != a.end())
            change.first = x->second;
        if (y != b.end())
            change.second = y->second;
        if (change.first != change.second)
            out.push_back(std::move(change));
    }
}

Result<void> compareSettings(store::Database &firstReader, store::Database &secondReader,
    RecordingComparison &out)
{
    const auto groups = analysis::ServerGroups::load(firstReader);
    const auto others = analysis::ServerGroups::load(secondReader);
    for (const auto *loaded : {&groups, &others}) {
        if (!*loaded)
            return tl::unexpected(loaded->error());
    }
    const auto first = readSettings(firstReader, *groups, out.first.range.end - 1);
    const auto second = readSettings(secondReader, *others, out.second.range.end - 1);
    for (const auto *settings : {&first, &second}) {
        if (!*settings)
            return tl::unexpected(settings->error());
    }
    for (std::size_t group = 0; group < groups->all().size(); ++group) {
        const std::string &label = (*groups)[group].label;
        const auto &all = others->all();
        const auto other = out.isOneWorkspace
            ? all.begin() + std::ptrdiff_t(group)
            : std::find_if(all.begin(), all.end(), [&](const auto &one) { return one.label == label; });
        if (other != all.end())
            compareSettings((*first)[group], (*second)[std::size_t(other - all.begin())], label,
                out.settings);
    }
    return {};
}

/// Two connections; both end with the progress.
struct Readers
{
    store::Database first, second;
};
Result<Readers> openReaders(const ComparedSide &first, const ComparedSide &second, const Progress &progress)
{
    auto a = first.workspace->connectReader();
    if (!a)
        return tl::unexpected(std::move(a.error()));
    auto b = second.workspace->connectReader();
    if (!b)
        return tl::unexpected(std::move(b.error()));
    a->setCancel(progress.cancel);
    b->setCancel(progress.cancel);
    return Readers{std::move(*a), std::move(*b)};
}

Result<analysis::ActivityHistory> readWaits(store::Database &reader, const RecordingSide &side,
    const Progress &progress)
{
    analysis::ActivityRequest activity;
    activity.group = analysis::ActivityGroup::WaitEvent;
    activity.range = side.range;
    activity.source = side.source;
    return analysis::readActivity(reader, activity, progress);
}

/// Statements and waits, which are told by samples, with what these cover.
Result<void> compareSamples(Readers &readers, RecordingComparison &out, const Progress &progress)
{
    const auto a
        = analysis::readStatementRange(readers.first, {out.first.range, {}, out.first.source}, progress);
    if (!a)
        return tl::unexpected(a.error());
    auto b
        = analysis::readStatementRange(readers.second, {out.second.range, {}, out.second.source}, progress);
    if (!b)
        return tl::unexpected(b.error());
    auto texts = readTexts(readers.first, *a);
    if (!texts)
        return tl::unexpected(texts.error());
    auto others = readTexts(readers.second, *b);
    if (!others)
        return tl::unexpected(others.error());
    if (!out.isOneWorkspace)
        renumber(*b, *others, *a, *texts);
    for (auto *side : {&*texts, &*others}) {
        for (auto &[id, text] : *side)
            out.texts.try_emplace(id, std::move(text.text));
    }
    out.firstSeconds = analysis::coveredSeconds(*a);
    out.secondSeconds = analysis::coveredSeconds(*b);
    if (out.firstSeconds > 0 && out.secondSeconds > 0)
        out.statements = analysis::compareStatements(*a, out.firstSeconds, *b, out.secondSeconds);
    const auto waitsA = readWaits(readers.first, out.first, progress);
    if (!waitsA)
        return tl::unexpected(waitsA.error());
    const auto waitsB = readWaits(readers.second, out.second, progress);
    if (!waitsB)
        return tl::unexpected(waitsB.error());
    out.waits = analysis::compareWaits(*waitsA, *waitsB);
    out.firstCoverage = coverageOf(*a, *waitsA);
    out.secondCoverage = coverageOf(*b, *waitsB);
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

Result<RecordingComparison> compareSides(ComparedSide first, ComparedSide second, const Progress &progress)
{
    RecordingComparison out;
    settle(first.side, *first.recordings);
    settle(second.side, *second.recordings);
    out.isOneWorkspace = first.workspace == second.workspace;
    out.first = first.side;
    out.second = second.side;
    auto readers = openReaders(first, second, progress);
    if (!readers)
        return tl::unexpected(std::move(readers.error()));
    TS_TRY(compareSamples(*readers, out, progress));
    auto figures = analysis::readHeadlines(readers->first, out.first, readers->second, out.second, progress);
    if (!figures)
        return tl::unexpected(figures.error());
    out.figures = std::move(*figures);
    TS_TRY(compareTables(first, true, out, progress));
    TS_TRY(compareTables(second, false, out, progress));
    TS_TRY(compareSettings(readers->first, readers->second, out));
    return out;
}

Result<RecordingComparison> compareRecordings(const store::Workspace &workspace,
    const std::vector<RecordingItem> &recordings, RecordingSide first, RecordingSide second, bool isChosen,
    const Progress &progress)
{
    if (recordings.empty())
        return RecordingComparison();
    if (!isChosen && recordings.size() > 1) {
        first = {recordings[recordings.size() - 2].source, {}};
        second = {recordings.back().source, {}};
    } else if (!isChosen) {
        const RecordingItem &only = recordings.front();
        const Nanos middle = only.range.begin + only.range.length() / 2;
        first = {only.source, {only.range.begin, middle}};
        second = {only.source, {middle, only.range.end}};
    }
    return compareSides({&workspace, &recordings, first}, {&workspace, &recordings, second}, progress);
}

TableRates tableRates(const std::optional<TableItem> &table)
{
    using analysis::TableCounter;
    TableRates out;
    if (!table || table->seconds <= 0)
        return out;
    const auto rate = [&](TableCounter counter) -> std::optional<double> {
        const auto &grown = table->growth.by[std::size_t(counter)];
        return grown ? std::optional(double(*grown) / table->seconds) : std::nullopt;
    };
    out.seqScans = rate(TableCounter::SeqScans);
    out.indexScans = rate(TableCounter::IndexScans);
    out.rowsRead = rate(TableCounter::SeqRows);
    out.blocksRead = rate(TableCounter::HeapRead);
    for (const auto counter : {TableCounter::Inserted, TableCounter::Updated, TableCounter::Deleted}) {
        if (const auto one = rate(counter))
            out.written = out.written.value_or(0) + *one;
    }
    return out;
}

} // namespace tailscope::items
