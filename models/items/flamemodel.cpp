// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/flamemodel.h"

#include "items/flamemodelpreview.h"
#include "items/flamemodelsql.h"

#include <algorithm>

namespace tailscope::items {

namespace {

/// More profiles than anyone picks from a list.
constexpr std::int64_t kMaxProfiles = 10'000;

QString toQString(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

Result<std::vector<FlameProfile>> readProfiles(const store::Workspace &workspace)
{
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    auto statement = database->prepare("SELECT id, name, kind, sample_type, unit, sample_count, total_weight "
                                       "FROM profile ORDER BY id LIMIT ?1");
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
            statement->integer(5), statement->isNull(6) ? 0.0 : statement->real(6)};
        profiles.push_back(std::move(profile));
    }
}

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

FlameModel::FlameModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_treeJob(session->jobs())
    , m_profilesJob(session->jobs())
    , m_matchJob(session->jobs())
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
    rebuild();
}

void FlameModel::setBottomUp(bool bottomUp)
{
    if (m_bottomUp == bottomUp)
        return;
    m_bottomUp = bottomUp;
    rebuild();
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

void FlameModel::rebuild()
{
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
    using Built = std::shared_ptr<const FlameTree>;
    const auto workspace = m_session->workspacePtr();
    const analysis::SpanSelection selection = m_session->context()->spanSelection();
    const auto profile = m_profile;
    const bool bottomUp = m_bottomUp;
    m_treeJob.start<Built>(
        this, {},
        [=](const Progress &progress) -> Result<Built> {
            auto tree = profile
                ? analysis::profileCallTree(*workspace, *profile, selection.range, progress.cancel)
                : analysis::spanCallTree(*columns, selection, progress.cancel);
            if (!tree)
                return tl::unexpected(tree.error());
            if (!bottomUp || !*tree)
                return layOutTree(*tree, progress.cancel);
            return layOutTree(analysis::bottomUp(**tree, progress.cancel), progress.cancel);
        },
        [this](Result<Built> built) {
            m_errorText = built ? QString() : QString::fromStdString(built.error().toText());
            setTree(built ? std::move(*built) : nullptr);
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
    return m_profile ? profileFlameSql(*m_profile, m_bottomUp)
                     : spanFlameSql(m_session->context()->whereSql(), m_bottomUp);
}

} // namespace tailscope::items
