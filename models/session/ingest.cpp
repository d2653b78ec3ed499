// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/ingest.h"

#include "advisor/plananalyses.h"
#include "advisor/planconditions.h"
#include "advisor/rules.h"
#include "analysis/analyses.h"
#include "analysis/profilestats.h"
#include "analysis/spanjoins.h"
#include "analysis/traceanalyses.h"
#include "analysis/workspaceanalyses.h"
#include "import/archive.h"
#include "import/importrecord.h"
#include "store/sampling.h"

#include <QElapsedTimer>
#include <QFile>

#include <algorithm>

namespace tailscope::session {

namespace {

Result<void> runBuiltinRules(store::Workspace &workspace, const Progress &progress)
{
    std::vector<Error> bad;
    const std::vector<advisor::Rule> rules = advisor::loadRules(advisor::userRuleFolder(), bad);
    const Result<advisor::RulesOutcome> outcome = advisor::runRules(workspace, rules, progress);
    if (!outcome)
        return tl::unexpected(outcome.error());
    return {};
}

/// One progress over all members: bytes read of the bytes in the archive.
Progress memberProgress(const Progress &progress, std::uint64_t before, std::uint64_t total, std::string name)
{
    Progress inner = progress;
    inner.report = [progress, before, total, name = std::move(name)](ProgressUpdate update) {
        update.phase += " " + name;
        update.done += before;
        update.total = total;
        progress.update(update);
    };
    return inner;
}

/// What a member is passed by for: the archive holds more than traces, which is no fault.
bool isNoReadableFormat(const Error &error)
{
    return error.code == ErrorCode::UnknownFormat
        || (error.code == ErrorCode::BadInput && error.detail == "there is no data");
}

/// The members that were passed by, in the report of the first source of the archive.
void noteSkipped(store::Workspace &workspace, IngestResult &result, std::size_t firstOutcome)
{
    constexpr std::size_t kMaxNamed = 20;
    std::string text;
    std::int64_t count = 0;
    std::string folder;
    if (firstOutcome < result.outcomes.size())
        folder = import::Archive::splitPath(result.outcomes[firstOutcome].path).archive.string();
    for (const IngestResult::Skipped &member : result.skipped) {
        if (folder.empty() || import::Archive::splitPath(member.path).archive != folder)
            continue;
        if (static_cast<std::size_t>(count++) < kMaxNamed)
            text += (text.empty() ? "not read: " : "; ") + member.path.substr(folder.size() + 1) + " ("
                + member.reason + ')';
    }
    if (count == 0)
        return;
    const Result<void> stored = import::storeIssue(workspace, result.outcomes[firstOutcome].sourceId,
        {import::IssueSeverity::Info, "archive-members-skipped", count, 0, text});
    if (!stored)
        result.errors.push_back(stored.error());
}

void importArchive(store::Workspace &workspace, std::shared_ptr<import::Archive> archive,
    const import::ImportOptions &asked, const Progress &progress, IngestResult &result)
{
    import::ImportOptions options = asked;
    options.archive = archive;
    std::uint64_t total = 0, before = 0;
    for (const import::ArchiveMember &member : archive->members())
        total += member.skipped.empty() ? member.size : 0;
    const std::size_t outcomes = result.outcomes.size(), errors = result.errors.size();
    for (const import::ArchiveMember &member : archive->members()) {
        const std::string path = (archive->path() / member.name).string();
        if (!member.skipped.empty()) {
            result.skipped.push_back({path, member.skipped});
            continue;
        }
        Result<import::ImportOutcome> outcome = import::importFile(workspace, path, options,
            memberProgress(progress, before, total, member.name));
        before += member.size;
        if (outcome)
            result.outcomes.push_back(std::move(*outcome));
        else if (isNoReadableFormat(outcome.error()))
            result.skipped.push_back({path, outcome.error().detail});
        else
            result.errors.push_back(outcome.error());
        if (progress.isCancelled())
            return;
    }
    noteSkipped(workspace, result, outcomes);
    if (!archive->damage().empty())
        result.errors.push_back(
            {ErrorCode::BadInput, archive->path().string(), "the archive is cut off: " + archive->damage(),
                std::nullopt, "The files before were read; get the archive once more."});
    if (result.outcomes.size() == outcomes && result.errors.size() == errors)
        result.errors.push_back({ErrorCode::UnknownFormat, archive->path().string(),
            "none of the " + std::to_string(archive->members().size())
                + " members of the archive is in a format that Tailscope reads",
            std::nullopt, "List the formats with: tailscope formats"});
}

void importOne(store::Workspace &workspace, const std::string &path, const import::ImportOptions &options,
    const Progress &progress, IngestResult &result)
{
    Result<std::unique_ptr<import::Archive>> archive
        = import::Archive::open(path, [&] { return progress.isCancelled(); });
    if (!archive) {
        result.errors.push_back(std::move(archive.error()));
        return;
    }
    if (*archive) {
        importArchive(workspace, std::move(*archive), options, progress, result);
        return;
    }
    Result<import::ImportOutcome> outcome = import::importFile(workspace, path, options, progress);
    if (outcome)
        result.outcomes.push_back(std::move(*outcome));
    else
        result.errors.push_back(std::move(outcome.error()));
}

/// The built-in names of request ids and those of the user's joins.toml.
Result<void> joinSources(store::Workspace &workspace, const Progress &progress)
{
    Result<analysis::JoinKeys> keys = analysis::JoinKeys::builtin();
    if (!keys)
        return fail(std::move(keys.error()));
    QFile own(QString::fromStdString((advisor::userRuleFolder().parent_path() / "joins.toml").string()));
    constexpr qint64 kMaxBytes = 1024 * 1024;
    if (own.open(QIODevice::ReadOnly))
        TS_TRY(keys->add(own.read(kMaxBytes).toStdString(), own.fileName().toStdString()));
    return analysis::refreshSpanJoins(workspace, *keys, progress);
}

} // namespace

Result<void> refresh(store::Workspace &workspace, const std::vector<std::int64_t> &sourceIds, bool runRules,
    const Progress &progress)
{
    std::vector<std::int64_t> todo = sourceIds;
    const Result<std::vector<std::int64_t>> unready = analysis::unreadySources(workspace);
    if (!unready)
        return tl::unexpected(unready.error());
    for (const std::int64_t id : *unready) {
        if (std::find(todo.begin(), todo.end(), id) == todo.end())
            todo.push_back(id);
    }
    for (const std::int64_t id : todo) {
        if (progress.isCancelled())
            return fail(ErrorCode::Cancelled, workspace.path().string(), "the analyses were cancelled",
                "Open the workspace again to run them");
        TS_TRY(analysis::makeReady(workspace, id, progress));
    }
    progress.update({"summing up", 0, 0, 0});
    TS_TRY(analysis::refreshOperationStats(workspace, progress));
    TS_TRY(joinSources(workspace, progress));
    if (runRules) {
        TS_TRY(analysis::refreshTraceAnalyses(workspace, progress));
        TS_TRY(analysis::refreshProfileStats(workspace, progress));
        TS_TRY(analysis::refreshWorkspaceAnalyses(workspace, analysis::workspaceAnalyses(), progress));
        TS_TRY(advisor::derivePlanConditions(workspace, progress));
        TS_TRY(analysis::refreshWorkspaceAnalyses(workspace, advisor::planAnalyses(), progress));
        progress.update({"running the rules", 0, 0, 0});
        TS_TRY(runBuiltinRules(workspace, progress));
    }
    return {};
}

IngestResult ingest(store::Workspace &workspace, const std::vector<std::string> &paths,
    const IngestOptions &options, const Progress &progress)
{
    IngestResult result;
    std::vector<std::int64_t> ready;
    for (const std::string &path : paths) {
        if (progress.isCancelled())
            break;
        const std::size_t before = result.outcomes.size();
        importOne(workspace, path, options.import, progress, result);
        for (std::size_t i = before; i < result.outcomes.size(); ++i) {
            const import::ImportOutcome &outcome = result.outcomes[i];
            if (!outcome.duplicateOf)
                ready.push_back(outcome.sourceId);
            if (!options.sampling)
                continue;
            if (const auto stated = store::stateSampling(workspace, outcome.sourceId, options.sampling);
                !stated)
                result.errors.push_back(stated.error());
        }
    }
    QElapsedTimer clock;
    clock.start();
    const Result<void> refreshed = refresh(workspace, ready, options.runRules, progress);
    if (!refreshed)
        result.errors.push_back(refreshed.error());
    result.readySeconds = double(clock.elapsed()) / 1000.0;
    return result;
}

} // namespace tailscope::session
