// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/explainrequestmodel.h"

#include "base/text.h"
#include "items/sessionquery.h"
#include "live/explainrunner.h"
#include "session/livesession.h"

#include <QDateTime>

#include <algorithm>

namespace tailscope::items {

namespace {

QString fromUtf8(const std::string &text) { return QString::fromStdString(text); }

QStringList fromUtf8(const std::vector<std::string> &texts)
{
    QStringList list;
    for (const std::string &text : texts)
        list << fromUtf8(text);
    return list;
}

live::ExplainRequest requestOf(const ExplainOrder &order)
{
    live::ExplainRequest request;
    request.sql = order.sql.toStdString();
    request.isAnalyze = order.isAnalyze;
    request.hasConsent = order.hasConsent;
    request.searchPath = order.searchPath.toStdString();
    request.role = order.role.toStdString();
    request.timeout = std::chrono::seconds(order.timeoutSeconds);
    return request;
}

Result<ExplainReply> askServer(const live::Target &target, const ExplainOrder &order,
    const Progress &progress)
{
    const live::ExplainRequest request = requestOf(order);
    Result<live::ExplainAnswer> answer = live::explainStatement(target, request, progress);
    ExplainReply reply;
    if (answer) {
        reply.needsConsent = answer->needsConsent;
        reply.isGeneric = answer->isGeneric;
        reply.warnings = fromUtf8(answer->warnings);
        reply.notes = fromUtf8(answer->notes);
        reply.textToRun = fromUtf8(answer->textToRunElsewhere);
        if (!answer->needsConsent)
            reply.plan = fromUtf8(answer->json);
        return reply;
    }
    if (answer.error().code != ErrorCode::Usage && answer.error().code != ErrorCode::Sql)
        return fail(answer.error());
    // Refused by us or by the server: somebody else may run it.
    reply.refusal = fromUtf8(answer.error().toText());
    const live::ExplainClass found = live::explainClass(request.sql);
    if (found.kind != live::ExplainClass::Kind::Refused)
        reply.textToRun = fromUtf8(live::textToRunElsewhere(request.sql, request, found.parameters));
    return reply;
}

Result<IndexReply> askIndex(const live::Target &target, const ExplainOrder &order, const QString &createIndex,
    const Progress &progress)
{
    Result<live::HypotheticalAnswer> answer
        = live::tryIndex(target, requestOf(order), createIndex.toStdString(), progress);
    if (!answer)
        return fail(answer.error());
    IndexReply reply;
    reply.costBefore = answer->costBefore;
    reply.costAfter = answer->costAfter;
    reply.isUsed = answer->isUsed();
    QStringList parts = fromUtf8(answer->users);
    if (answer->indexBytes && *answer->indexBytes >= 0)
        parts << ExplainRequestModel::tr("it would take about %1")
                     .arg(fromUtf8(humanBytes(std::uint64_t(*answer->indexBytes))));
    reply.note = parts.join(QStringLiteral("; "));
    return reply;
}

} // namespace

ExplainRequestModel::ExplainRequestModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
    , m_textJob(session->jobs())
    , m_planJob(session->jobs())
    , m_explainer(askServer)
    , m_trier(askIndex)
{
    readTargets();
    connect(session->live(), &session::LiveSession::stateChanged, this, &ExplainRequestModel::readTargets);
    connect(session, &session::Session::importFinished, this,
        [this](const QString &path, const import::ImportOutcome &outcome) {
            if (m_isImporting && path == m_importName)
                selectPlan(outcome.duplicateOf.value_or(outcome.sourceId));
        });
    connect(session, &session::Session::failed, this, [this](const Error &error) {
        if (!m_isImporting)
            return;
        m_isImporting = false;
        m_error = QString::fromStdString(error.toText());
        Q_EMIT changed();
    });
}

void ExplainRequestModel::setAsking(Explainer explainer, IndexTrier trier)
{
    m_explainer = std::move(explainer);
    m_trier = std::move(trier);
}

void ExplainRequestModel::readTargets()
{
    if (m_session->live()->isLive())
        setTargets(m_session->live()->targets());
    else
        setTargets({});
}

void ExplainRequestModel::setTargets(std::vector<live::Target> targets)
{
    std::erase_if(targets,
        [](const live::Target &target) { return target.kind != live::TargetKind::Postgres; });
    m_targets = std::move(targets);
    m_target = std::clamp(m_target, 0, std::max(0, int(m_targets.size()) - 1));
    // Another server may stand in its place.
    m_order.hasConsent = false;
    m_reply.needsConsent = false;
    Q_EMIT targetsChanged();
    Q_EMIT changed();
}

void ExplainRequestModel::choose(int target)
{
    if (target == m_target)
        return;
    m_target = target;
    m_order.hasConsent = false;
    m_reply = {};
    Q_EMIT changed();
}

QStringList ExplainRequestModel::targets() const
{
    QStringList names;
    for (const live::Target &target : m_targets)
        names << QString::fromStdString(target.label.empty() ? live::safeText(target) : target.label);
    return names;
}

std::optional<live::Target> ExplainRequestModel::target() const
{
    return m_target >= 0 && m_target < int(m_targets.size())
        ? std::optional<live::Target>(m_targets[std::size_t(m_target)])
        : std::nullopt;
}

void ExplainRequestModel::loadStatement(qint64 statementId)
{
    auto texts = std::make_shared<StatementTexts>();
    m_textJob.start<bool>(
        this, {},
        [workspace = m_session->workspacePtr(), texts, statementId](const Progress &) -> Result<bool> {
            auto reader = workspace->connectReader();
            if (!reader)
                return fail(reader.error());
            TS_TRY(texts->load(*reader, {statementId}));
            return true;
        },
        [this, texts, statementId](Result<bool> done) {
            if (done)
                m_order.sql = QString::fromStdString(texts->text(statementId).first);
            else
                m_error = QString::fromStdString(done.error().toText());
            Q_EMIT changed();
        });
}

void ExplainRequestModel::setOrder(const ExplainOrder &order)
{
    if (order == m_order)
        return;
    ExplainOrder consented = m_order;
    consented.hasConsent = order.hasConsent;
    m_order = order;
    m_error.clear();
    if (consented != order) // consent answers the warnings that are shown
        m_reply = {};
    Q_EMIT changed();
}

QString ExplainRequestModel::obstacle() const
{
    if (m_order.sql.trimmed().isEmpty())
        return tr("There is no statement.");
    if (m_targets.empty())
        return tr("No server is attached. Attach to the server first (Live, "
                  "Attach…), or copy the text and run "
                  "it elsewhere.");
    return {};
}

void ExplainRequestModel::start()
{
    const auto server = target();
    if (isRunning() || !server || !obstacle().isEmpty())
        return;
    m_error.clear();
    m_reply = {};
    m_job.start<ExplainReply>(
        this, tr("Asking the server for a plan"),
        [explainer = m_explainer, server = *server, order = m_order](
            const Progress &progress) { return explainer(server, order, progress); },
        [this](Result<ExplainReply> reply) {
            if (reply) {
                m_reply = std::move(*reply);
                if (!m_reply.plan.isEmpty())
                    importPlan();
            } else {
                m_error = reply.error().code == ErrorCode::Cancelled
                    ? tr("Cancelled.")
                    : QString::fromStdString(reply.error().toText());
            }
            Q_EMIT changed();
        });
    Q_EMIT changed();
}

void ExplainRequestModel::tryIndex(const QString &createIndex)
{
    const auto server = target();
    if (isRunning() || !server || createIndex.trimmed().isEmpty())
        return;
    m_error.clear();
    m_indexReply.reset();
    m_job.start<IndexReply>(
        this, tr("Trying an index that does not exist"),
        [trier = m_trier, server = *server, order = m_order, createIndex](
            const Progress &progress) { return trier(server, order, createIndex, progress); },
        [this](Result<IndexReply> reply) {
            if (reply)
                m_indexReply = std::move(*reply);
            else
                m_error = reply.error().code == ErrorCode::Cancelled
                    ? tr("Cancelled.")
                    : QString::fromStdString(reply.error().toText());
            Q_EMIT changed();
        });
    Q_EMIT changed();
}

void ExplainRequestModel::cancel()
{
    m_job.cancel();
    m_error = tr("Cancelled.");
    Q_EMIT changed();
}

void ExplainRequestModel::importPlan()
{
    const auto server = target();
    const QString when = QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
    m_importName = tr("plan from %1, %2 UTC")
                       .arg(server ? QString::fromStdString(live::safeText(*server)) : tr("a server"), when);
    m_isImporting = true;
    m_session->importText(m_importName, m_reply.plan.toUtf8());
}

void ExplainRequestModel::selectPlan(qint64 sourceId)
{
    m_planJob.start<qint64>(
        this, {},
        [workspace = m_session->workspacePtr(), sourceId](const Progress &) -> Result<qint64> {
            auto reader = workspace->connectReader();
            if (!reader)
                return fail(reader.error());
            const auto id
                = reader->integer("SELECT max(id) FROM plan WHERE source_id = " + std::to_string(sourceId));
            if (!id)
                return fail(id.error());
            return qint64(id->value_or(0));
        },
        [this](Result<qint64> plan) {
            m_isImporting = false;
            if (plan && *plan > 0) {
                m_session->context()->setSelection({session::Selection::Kind::Plan, *plan, {}});
                Q_EMIT planReady(*plan);
            } else {
                m_error = plan ? tr("What the server printed is no plan.")
                               : QString::fromStdString(plan.error().toText());
            }
            Q_EMIT changed();
        });
}

} // namespace tailscope::items
