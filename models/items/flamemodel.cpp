// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/flamemodel.h"

#include "items/flamemodelpreview.h"
#include "items/flamemodelsql.h"

#include <algorithm>

namespace tailscope::items {

FlameModel::FlameModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_treeJob(session->jobs())
    , m_profilesJob(session->jobs())
    , m_matchJob(session->jobs())
    , m_threadsJob(session->jobs())
    , m_lanesJob(session->jobs())
    , m_siteJob(session->jobs())
{
    const session::SessionContext *context = session->context();
    connect(context, &session::SessionContext::dataChanged, this, &FlameModel::rebuild);
    connect(context, &session::SessionContext::rangeChanged, this, &FlameModel::rebuild);
    connect(context, &session::SessionContext::filterChanged, this, [this] {
        if (!m_profile)
            rebuild();
    });
    connect(session, &session::Session::sourcesChanged, this, &FlameModel::loadProfiles);
    connect(session, &session::Session::streamingChanged, this, &FlameModel::showPreview);
    loadProfiles();
}

void FlameModel::setActive(bool active)
{
    m_active = active;
    if (m_active && m_stale)
        build();
}

const FlameProfile *FlameModel::currentProfile() const
{
    const auto found = std::find_if(m_profiles.begin(), m_profiles.end(),
        [this](const FlameProfile &p) { return m_profile && p.id == *m_profile; });
    return found == m_profiles.end() ? nullptr : &*found;
}

void FlameModel::setProfile(std::optional<qint64> id)
{
    if (m_profile == id)
        return;
    m_profile = id;
    m_merged.clear();
    m_threads.clear();
    m_thread.reset();
    m_lanes.reset();
    loadThreads();
    rebuild();
}

void FlameModel::setMerged(std::vector<qint64> others)
{
    const FlameProfile *chosen = currentProfile();
    std::erase_if(others, [&](qint64 id) {
        const auto found = std::find_if(m_profiles.begin(), m_profiles.end(),
            [id](const FlameProfile &p) { return p.id == id; });
        return !chosen || id == chosen->id || found == m_profiles.end() || found->unit != chosen->unit;
    });
    if (m_merged == others)
        return;
    m_merged = std::move(others);
    rebuild();
}

void FlameModel::setThread(const std::optional<QString> &thread)
{
    if (m_thread == thread)
        return;
    m_thread = thread;
    m_lanes.reset();
    rebuild();
}

void FlameModel::setTransforms(std::vector<analysis::TreeTransform> transforms)
{
    if (m_transforms == transforms)
        return;
    m_transforms = std::move(transforms);
    Q_EMIT transformsChanged();
    m_stale = true;
    if (m_active)
        build();
}

void FlameModel::setTimeOrdered(bool timeOrdered)
{
    if (m_timeOrdered == timeOrdered)
        return;
    m_timeOrdered = timeOrdered;
    if (m_active)
        buildLanes();
}

void FlameModel::setBottomUp(bool bottomUp)
{
    if (m_bottomUp == bottomUp)
        return;
    m_bottomUp = bottomUp;
    m_stale = true;
    if (m_active)
        build();
}

void FlameModel::loadProfiles()
{
    const auto workspace = m_session->workspacePtr();
    m_profilesJob.start<std::vector<FlameProfile>>(
        this, {}, [workspace](const Progress &) { return readProfiles(*workspace); },
        [this](Result<std::vector<FlameProfile>> profiles) {
            if (profiles) {
                m_profiles = std::move(*profiles);
                if (m_profile && !currentProfile()) {
                    m_profile.reset();
                    rebuild();
                }
                Q_EMIT profilesChanged();
            }
            Q_EMIT busyChanged();
        });
}

void FlameModel::loadThreads()
{
    if (!m_profile) {
        m_threadsJob.cancel();
        Q_EMIT threadsChanged();
        return;
    }
    using Threads = std::vector<analysis::ProfileThread>;
    const auto workspace = m_session->workspacePtr();
    m_threadsJob.start<Threads>(
        this, {},
        [workspace, id = *m_profile](
            const Progress &progress) { return analysis::profileThreads(*workspace, id, progress.cancel); },
        [this](Result<Threads> threads) {
            if (threads)
                m_threads = std::move(*threads);
            Q_EMIT threadsChanged();
            Q_EMIT busyChanged();
        });
}

void FlameModel::buildLanes()
{
    if (!m_timeOrdered || !m_profile || m_lanes || m_lanesJob.isRunning())
        return;
    using Lanes = std::shared_ptr<const analysis::SampleLanes>;
    const auto workspace = m_session->workspacePtr();
    const std::optional<std::string> thread
        = m_thread ? std::optional(m_thread->toStdString()) : std::nullopt;
    m_lanesJob.start<Lanes>(
        this, {},
        [workspace, id = *m_profile, thread](const Progress &progress) {
            return analysis::sampleLanes(*workspace, id, thread, progress.cancel);
        },
        [this](Result<Lanes> lanes) {
            m_errorText = lanes ? QString() : QString::fromStdString(lanes.error().toText());
            m_lanes = lanes ? std::move(*lanes) : nullptr;
            Q_EMIT lanesChanged();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void FlameModel::locate(const QString &function, const QString &module)
{
    std::vector<qint64> profiles = m_merged;
    if (m_profile)
        profiles.insert(profiles.begin(), *m_profile);
    m_siteJob.start<FrameSite>(
        this, {},
        [workspace = m_session->workspacePtr(), profiles,
            key = std::pair(function.toStdString(), module.toStdString())](
            const Progress &) -> Result<FrameSite> {
            auto sites = readFrameSites(*workspace, profiles);
            if (!sites)
                return tl::unexpected(sites.error());
            const auto found = sites->find(key);
            return found == sites->end() ? FrameSite() : found->second;
        },
        [this, function](Result<FrameSite> site) {
            QString place = site ? QString::fromStdString(site->file) : QString();
            if (site && !place.isEmpty() && site->line > 0)
                place += QLatin1Char(':') + QString::number(site->line);
            Q_EMIT located(place, function);
        });
}

void FlameModel::rebuild()
{
    m_base.reset();
    m_lanesJob.cancel();
    m_stale = true;
    if (m_active)
        build();
}

void FlameModel::build()
{
    m_stale = false;
    const auto columns = m_session->context()->columns();
    if (!m_profile && (!columns || columns->size() == 0)) {
        m_treeJob.cancel();
        showPreview();
        Q_EMIT busyChanged();
        return;
    }
    buildLanes();
    struct Built
    {
        std::shared_ptr<const analysis::CallTree> base, topDown;
        std::shared_ptr<const FlameTree> placed;
    };
    const auto workspace = m_session->workspacePtr();
    const analysis::SpanSelection selection = m_session->context()->spanSelection();
    analysis::ProfileQuery query{{}, selection.range, std::nullopt};
    if (m_profile) {
        query.profiles = {*m_profile};
        query.profiles.insert(query.profiles.end(), m_merged.begin(), m_merged.end());
        query.thread = m_thread ? std::optional(m_thread->toStdString()) : std::nullopt;
    }
    m_treeJob.start<Built>(
        this, {},
        [=, base = m_base, transforms = m_transforms, bottomUp = m_bottomUp](
            const Progress &progress) -> Result<Built> {
            Built built{base, nullptr, nullptr};
            if (!built.base) {
                auto tree = query.profiles.empty()
                    ? analysis::spanCallTree(*columns, selection, progress.cancel)
                    : analysis::profileCallTree(*workspace, query, progress.cancel);
                if (!tree)
                    return tl::unexpected(tree.error());
                built.base = std::move(*tree);
            }
            built.topDown = analysis::transformed(built.base, transforms, progress.cancel);
            const bool turn = bottomUp && built.topDown;
            built.placed
                = layOutTree(turn ? analysis::bottomUp(*built.topDown, progress.cancel) : built.topDown,
                    progress.cancel);
            return built;
        },
        [this](Result<Built> built) {
            m_errorText = built ? QString() : QString::fromStdString(built.error().toText());
            m_base = built ? built->base : nullptr;
            m_topDown = built ? built->topDown : nullptr;
            setTree(built ? built->placed : nullptr);
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void FlameModel::showPreview()
{
    const auto columns = m_session->context()->columns();
    if (m_profile || m_bottomUp || (columns && columns->size() > 0) || !m_active)
        return;
    const auto overview = m_session->context()->overview();
    auto tree = previewTree(m_session->streamingAggregate());
    if (!tree && overview)
        tree = previewTree(*overview);
    const bool hasSelf = tree && overview && tree == overview->tree;
    std::shared_ptr<const FlameTree> placed = layOutTree(std::move(tree), {});
    if (placed) {
        auto marked = std::make_shared<FlameTree>(*placed);
        marked->isPreview = true;
        marked->hasSelf = hasSelf;
        placed = std::move(marked);
    }
    m_errorText.clear();
    m_base.reset();
    m_topDown.reset();
    setTree(std::move(placed));
}

void FlameModel::setTree(std::shared_ptr<const FlameTree> tree)
{
    m_matches.reset();
    m_tree = std::move(tree);
    Q_EMIT treeChanged();
    search();
}

void FlameModel::setSearch(const QRegularExpression &expression)
{
    if (m_search == expression)
        return;
    m_search = expression;
    search();
}

void FlameModel::search()
{
    if (!isSearching() || !m_tree) {
        m_matchJob.cancel();
        m_matches.reset();
        Q_EMIT matchesChanged();
        return;
    }
    using Found = std::shared_ptr<const FlameMatches>;
    const auto tree = m_tree;
    m_matchJob.start<Found>(
        this, {},
        [tree, expression = m_search](const Progress &progress) -> Result<Found> {
            return findFrames(*tree, expression, progress.cancel);
        },
        [this, tree](Result<Found> found) {
            if (found && *found && tree == m_tree)
                m_matches = std::move(*found);
            Q_EMIT matchesChanged();
            Q_EMIT busyChanged();
        });
}

QString FlameModel::sql() const
{
    if (m_profile && m_timeOrdered)
        return profileSamplesSql(*m_profile, m_thread);
    return m_profile ? profileFlameSql(*m_profile, m_bottomUp)
                     : spanFlameSql(m_session->context()->whereSql(), m_bottomUp);
}

} // namespace tailscope::items
