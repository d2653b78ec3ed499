// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/overviewmodel.h"

#include "items/planmodel.h"

#include <cmath>

namespace tailscope::items {

namespace {

constexpr std::size_t kMaxOperations = 200;
constexpr std::size_t kMaxServices = 50;

using Shared = std::shared_ptr<const OverviewContent>;

QString toQString(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

/// Rows of both bitmaps; a missing one means all.
std::shared_ptr<const analysis::SpanBitmap> both(const std::shared_ptr<const analysis::SpanBitmap> &a,
    const std::shared_ptr<const analysis::SpanBitmap> &b)
{
    if (!a || !b)
        return a ? a : b;
    auto joined = std::make_shared<analysis::SpanBitmap>(*a);
    for (std::size_t i = 0; i < joined->words().size() && i < b->words().size(); ++i)
        joined->words()[i] &= b->words()[i];
    return joined;
}

/// Rows that wait for somebody else.
std::shared_ptr<const analysis::SpanBitmap> waitingRows(const analysis::SpanColumns &columns)
{
    auto rows = std::make_shared<analysis::SpanBitmap>(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto kind = SpanKind(columns.kind[i]);
        if (kind == SpanKind::Client || kind == SpanKind::Producer || kind == SpanKind::Consumer)
            rows->set(i);
    }
    return rows;
}

Result<void> readTables(const store::Workspace &workspace, OverviewContent &content)
{
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    auto nodes = database->prepare(
        "SELECT n.id, n.plan_id, n.node_type, n.relation, n.index_name, n.self_ms,"
        " n.self_ms / nullif(coalesce(p.execution_ms, (SELECT r.wall_ms FROM plan_node AS r"
        " WHERE r.plan_id = p.id AND r.node = 0)), 0),"
        " coalesce(nullif(p.query_text, ''), (SELECT s.path FROM source AS s WHERE s.id = p.source_id))"
        " FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id WHERE n.self_ms > 0"
        " ORDER BY n.self_ms DESC LIMIT 20");
    if (!nodes)
        return tl::unexpected(nodes.error());
    while (true) {
        auto row = nodes->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        SlowNode node;
        node.nodeId = nodes->integer(0);
        node.planId = nodes->integer(1);
        node.title = toQString(nodes->text(2));
        if (!nodes->isNull(4))
            node.title += QStringLiteral(" using ") + toQString(nodes->text(4));
        if (!nodes->isNull(3))
            node.title += QStringLiteral(" on ") + toQString(nodes->text(3));
        node.selfMs = nodes->real(5);
        node.share = nodes->real(6);
        const QString plan = toQString(nodes->text(7)).simplified();
        node.plan = plan.startsWith(QLatin1Char('/')) ? plan.section(QLatin1Char('/'), -1) : plan.left(80);
        content.slowNodes.append(std::move(node));
    }
    auto findings = database->prepare(
        "SELECT id, severity, title, summary FROM finding WHERE state = 'open' ORDER BY CASE "
        "severity WHEN 'critical' THEN 0"
        " WHEN 'warning' THEN 1 WHEN 'info' THEN 2 ELSE 3 END, gain_ms DESC, id LIMIT 8");
    if (!findings)
        return tl::unexpected(findings.error());
    while (true) {
        auto row = findings->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        content.findings.append({findings->integer(0), toQString(findings->text(1)),
            toQString(findings->text(2)), toQString(findings->text(3))});
    }
    const auto count = [&](const char *sql) {
        const auto value = database->integer(sql);
        return value && *value ? qint64(**value) : qint64(0);
    };
    content.seriesCount = count("SELECT count(*) FROM series");
    content.profileCount = count("SELECT count(*) FROM profile");
    content.planCount = count("SELECT count(*) FROM plan");
    return {};
}

} // namespace

OverviewModel::OverviewModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
{
    const session::SessionContext *context = session->context();
    connect(context, &session::SessionContext::dataChanged, this, &OverviewModel::reload);
    connect(context, &session::SessionContext::rangeChanged, this, &OverviewModel::reload);
    connect(context, &session::SessionContext::filterChanged, this, &OverviewModel::reload);
    connect(session, &session::Session::loaded, this, &OverviewModel::reload);
    reload();
}

void OverviewModel::reload()
{
    const auto workspace = m_session->workspacePtr();
    const auto columns = m_session->context()->columns();
    const analysis::SpanSelection selection = m_session->context()->spanSelection();
    m_job.start<Shared>(
        this, {},
        [workspace, columns, selection](const Progress &progress) -> Result<Shared> {
            auto content = std::make_shared<OverviewContent>();
            if (columns && columns->size() > 0) {
                using analysis::GroupBy;
                content->traces = qint64(columns->traceIds.size());
                content->sampling = analysis::samplingState(*columns);
                content->all = durationStats(*columns, selection, false, progress.cancel);
                analysis::SpanSelection roots = selection;
                roots.rootsOnly = true;
                content->roots = durationStats(*columns, roots, false, progress.cancel);
                content->operations
                    = groupStats(*columns, selection, GroupBy::Operation, kMaxOperations, progress.cancel);
                content->services
                    = groupStats(*columns, selection, GroupBy::Service, kMaxServices, progress.cancel);
                analysis::SpanSelection waits = selection;
                waits.filter = both(selection.filter, waitingRows(*columns));
                content->waits
                    = groupStats(*columns, waits, GroupBy::Operation, kMaxServices, progress.cancel);
            }
            if (progress.isCancelled())
                return fail(ErrorCode::Cancelled, "overview", "cancelled");
            TS_TRY(readTables(*workspace, *content));
            return Shared(content);
        },
        [this](Result<Shared> content) {
            if (!content)
                return;
            m_content = std::move(*content);
            Q_EMIT changed();
        });
}

} // namespace tailscope::items
