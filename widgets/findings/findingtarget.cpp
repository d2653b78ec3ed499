// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/findings/findingtarget.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace tailscope::widgets {

namespace {

using Kind = session::Selection::Kind;

QString tr(const char *text) { return QCoreApplication::translate("FindingTarget", text); }

/// One term of the filter bar.
QString term(const QString &field, QString value)
{
    value.replace(QLatin1Char('\\'), QStringLiteral("\\\\"))
        .replace(QLatin1Char('"'), QStringLiteral("\\\""));
    return QStringLiteral("%1=\"%2\"").arg(field, value);
}

QString literal(QString text)
{
    return QLatin1Char('\'') + text.replace(QLatin1Char('\''), QStringLiteral("''")) + QLatin1Char('\'');
}

FindingTarget selecting(const QString &text, const QString &view, Kind kind, qint64 id)
{
    FindingTarget target;
    target.text = text;
    target.view = view;
    target.selection = {kind, id, {}};
    return target;
}

/// Rules write "service: operation" and name the service once more as evidence; the operation itself may hold
/// a colon, so the service is cut off by its name.
void addOperation(QList<FindingTarget> &targets, const QString &subject, const QJsonObject &evidence)
{
    const QString service = evidence.value(QStringLiteral("service")).toString();
    QString operation = subject;
    QString filter;
    if (!service.isEmpty() && subject.startsWith(service + QStringLiteral(": "))) {
        operation = subject.mid(service.size() + 2);
        filter = QLatin1Char(' ') + term(QStringLiteral("service"), service);
    }
    if (operation.isEmpty())
        return;
    filter.prepend(term(QStringLiteral("operation"), operation));
    for (const auto &[text, view] : {std::pair{tr("Distribution of the operation"), "distribution"},
             std::pair{tr("Flame graph of the operation"), "flame"}}) {
        FindingTarget target;
        target.text = text;
        target.view = QString::fromLatin1(view);
        target.filter = filter;
        target.selection = {Kind::Operation, 0, operation};
        targets << target;
    }
}

/// Rules of profiles name the profile, and the one before it when they compare.
void addFunction(QList<FindingTarget> &targets, const QString &subject, const QJsonObject &evidence)
{
    const qint64 before = evidence.value(QStringLiteral("before_profile_id")).toInteger();
    const qint64 profile = evidence.value(QStringLiteral("profile_id"))
                               .toInteger(evidence.value(QStringLiteral("after_profile_id")).toInteger());
    FindingTarget target = selecting(tr("The function with its callers and callees"),
        QStringLiteral("functions"), Kind::Frame, profile);
    target.selection.text = subject;
    targets << target;
    if (before > 0) {
        target.text = tr("Flame difference of the two profiles");
        target.view = QStringLiteral("flamediff");
        targets << target;
    }
}

void addTable(QList<FindingTarget> &targets, const QString &subject)
{
    FindingTarget target;
    target.text = tr("Figures of the table in SQL");
    target.sql = QStringLiteral("SELECT * FROM table_sample\n"
                                "WHERE coalesce(schemaname || '.', '') || relname = %1 OR relname = %1\n"
                                "ORDER BY ts_ns DESC LIMIT 200")
                     .arg(literal(subject));
    targets << target;
}

/// Findings from server logs name a line (log_id); those on locks are looked at as graphs first.
void addLogViews(QList<FindingTarget> &targets, const FindingSubject &subject, const QJsonObject &evidence)
{
    FindingTarget target;
    if (subject.startNs && subject.endNs)
        target.range = TimeRange{*subject.startNs, saturatingAdd(*subject.endNs, 1)};
    if (evidence.contains(QStringLiteral("log_id"))) {
        target.text = tr("Lines of the log");
        target.view = QStringLiteral("serverlog");
        targets.prepend(target);
    }
    if (subject.kind == QLatin1String("deadlock") || subject.kind == QLatin1String("session")
        || evidence.contains(QStringLiteral("peak_per_min"))
        || evidence.contains(QStringLiteral("constraint_name"))) {
        target.text = tr("Deadlocks and locks");
        target.view = QStringLiteral("locks");
        targets.prepend(target);
    }
}

} // namespace

QList<FindingTarget> findingTargets(const FindingSubject &subject)
{
    QList<FindingTarget> targets;
    const QJsonObject evidence = QJsonDocument::fromJson(subject.evidence.toUtf8()).object();
    bool isNumber = false;
    const qint64 id = subject.id.toLongLong(&isNumber);
    // A span of a trace is looked at within its trace; the timeline, with everything else of that time, comes
    // next.
    const qint64 span = evidence.value(QStringLiteral("example_span_id")).toInteger();
    const qint64 trace = evidence.value(QStringLiteral("example_trace_id")).toInteger();
    if (trace > 0)
        targets << selecting(tr("Example in the waterfall"), QStringLiteral("waterfall"),
            span > 0 ? Kind::Span : Kind::Trace, span > 0 ? span : trace);
    if (span > 0)
        targets << selecting(tr("Example in the timeline"), QStringLiteral("timeline"), Kind::Span, span);
    if (subject.kind == QLatin1String("plan_node") && isNumber)
        targets << selecting(tr("Node in the plan"), QStringLiteral("plan"), Kind::PlanNode, id);
    else if (subject.kind == QLatin1String("plan") && isNumber)
        targets << selecting(tr("The plan"), QStringLiteral("plan"), Kind::Plan, id);
    else if (subject.kind == QLatin1String("budget") && isNumber)
        targets << selecting(tr("The budget"), QStringLiteral("budget"), Kind::Budget, id);
    else if (subject.kind == QLatin1String("span") && isNumber)
        targets << selecting(tr("Span in the timeline"), QStringLiteral("timeline"), Kind::Span, id);
    else if (subject.kind == QLatin1String("trace") && isNumber)
        targets << selecting(tr("The trace"), QStringLiteral("waterfall"), Kind::Trace, id);
    else if (subject.kind == QLatin1String("source") && isNumber)
        targets << selecting(tr("The source"), QStringLiteral("sources"), Kind::Source, id);
    else if (subject.kind == QLatin1String("series") && isNumber)
        targets << selecting(tr("Series in the timeline"), QStringLiteral("timeline"), Kind::Series, id);
    else if (subject.kind == QLatin1String("statement") && isNumber)
        targets << selecting(tr("The statement"), QStringLiteral("statements"), Kind::Statement, id);
    else if (subject.kind == QLatin1String("operation"))
        addOperation(targets, subject.id, evidence);
    else if (subject.kind == QLatin1String("function") && !subject.id.isEmpty())
        addFunction(targets, subject.id, evidence);
    else if (subject.kind == QLatin1String("table") && !subject.id.isEmpty())
        addTable(targets, subject.id);
    else if (subject.kind == QLatin1String("replica") || subject.kind == QLatin1String("slot"))
        targets << selecting(tr("The replicas"), QStringLiteral("replication"), Kind::Replica, 0);
    else if (subject.kind == QLatin1String("queue"))
        targets << selecting(tr("The queues"), QStringLiteral("queue"), Kind::Queue, 0);
    else if (subject.kind == QLatin1String("pool"))
        targets << selecting(tr("The pool"), QStringLiteral("pool"), Kind::Pool, 0);
    if (!targets.isEmpty()
        && (targets.last().selection.kind == Kind::Replica || targets.last().selection.kind == Kind::Queue
            || targets.last().selection.kind == Kind::Pool))
        targets.last().selection.text = subject.id;
    addLogViews(targets, subject, evidence);
    // A plan tells when it was captured: a moment, which is no range to look at.
    if (subject.startNs && subject.endNs && *subject.endNs > *subject.startNs) {
        FindingTarget target;
        target.text = tr("Time range in the timeline");
        target.view = QStringLiteral("timeline");
        target.range = TimeRange{*subject.startNs, *subject.endNs};
        targets << target;
    } else if (targets.isEmpty() && subject.startNs) {
        // Nothing else is known: a second around the moment.
        FindingTarget target;
        target.text = tr("Moment in the timeline");
        target.view = QStringLiteral("timeline");
        target.range = TimeRange{saturatingSub(*subject.startNs, kNanosPerSecond / 2),
            saturatingAdd(*subject.startNs, kNanosPerSecond / 2)};
        targets << target;
    }
    return targets;
}

} // namespace tailscope::widgets
