// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What stands in the sections of the overview, and where its figures lead.
#include "base/text.h"
#include "items/overviewmodel.h"
#include "items/samplingtext.h"
#include "session/session.h"
#include "widgets/base/theme.h"
#include "widgets/overview/linktable.h"
#include "widgets/overview/overviewview.h"

#include <QLabel>
#include <QStackedWidget>

#include <cmath>

namespace tailscope::widgets {

namespace {

enum GroupColumn { Name, Total, Self, Count, Errors, P50, P95, P99, GroupColumns };

QString duration(double ns) { return QString::fromStdString(humanDuration(Nanos(ns))); }

QString grouped(qint64 count) { return QString::fromStdString(groupedCount(count)); }

void setPercentile(QTreeWidgetItem *item, int column, const analysis::PercentileFigure &figure, qint64 count,
    const Theme &theme)
{
    if (figure.value == kUnknownNanos) {
        LinkTable::setFigure(item, column, OverviewView::tr("unknown"), -1,
            OverviewView::tr("no span of this group has a known duration"));
        return;
    }
    LinkTable::setFigure(item, column, duration(double(figure.value)), double(figure.value),
        QString::fromStdString(exactDuration(figure.value))
            + OverviewView::tr("\nnearest rank %1 of %2").arg(figure.rank).arg(count)
            + (figure.tooFewSamples ? OverviewView::tr("\nn too small: this is the maximum") : QString()));
    if (figure.tooFewSamples)
        item->setForeground(column, theme.mutedText());
}

/// Total and self time; where no duration of the group is known, neither is a sum of them.
void setTimes(QTreeWidgetItem *item, const analysis::GroupStats &group, double mostTotal, double allSelf)
{
    const auto setUnknown = [item](int column) {
        LinkTable::setFigure(item, column, OverviewView::tr("unknown"), -1,
            OverviewView::tr("no span of this group tells it"));
    };
    if (group.hasTotal()) {
        QString tip = OverviewView::tr("Sum of durations: %1")
                          .arg(QString::fromStdString(exactDuration(Nanos(group.totalNs))));
        if (group.unknown > 0)
            tip += OverviewView::tr("\n%1 of %2 spans have no known duration and are not in it")
                       .arg(grouped(group.unknown), grouped(group.count));
        LinkTable::setFigure(item, Total, duration(group.totalNs), group.totalNs, tip);
        item->setData(Total, LinkTable::BarRole, mostTotal > 0 ? group.totalNs / mostTotal : 0.0);
    } else {
        setUnknown(Total);
    }
    if (group.hasSelf()) {
        LinkTable::setFigure(item, Self, duration(group.selfNs), group.selfNs,
            OverviewView::tr("Time in no synchronous child: %1, %2 % of all self time listed here")
                .arg(QString::fromStdString(exactDuration(Nanos(group.selfNs))))
                .arg(allSelf > 0 ? 100 * group.selfNs / allSelf : 0, 0, 'f', 1));
        item->setData(Self, LinkTable::BarRole, allSelf > 0 ? group.selfNs / allSelf : 0.0);
    } else {
        setUnknown(Self);
    }
}

/// Where the figures of a group lead; OverviewView::followCell() does it.
void setLinks(QTreeWidgetItem *item, const analysis::GroupStats &group)
{
    for (const int column : {int(Total), int(Self)})
        LinkTable::setLink(item, column, QStringLiteral("flame"),
            OverviewView::tr("Click or Enter: filter to this and open the flame graph"));
    LinkTable::setLink(item, Count, QStringLiteral("timeline"),
        OverviewView::tr("Click or Enter: filter to this and open the timeline"));
    if (group.errors > 0)
        LinkTable::setLink(item, Errors, QStringLiteral("errors"),
            OverviewView::tr("Click or Enter: filter to the errors of this"));
    for (const int column : {int(P50), int(P95), int(P99)})
        LinkTable::setLink(item, column, QStringLiteral("distribution"),
            OverviewView::tr("Click or Enter: filter to this and open the distribution"));
}

QString term(const QString &field, const std::string &value)
{
    QString text = QString::fromStdString(value);
    text.replace(QLatin1Char('\\'), QStringLiteral("\\\\")).replace(QLatin1Char('"'), QStringLiteral("\\\""));
    return QStringLiteral("%1=\"%2\"").arg(field, text);
}

} // namespace

void OverviewView::fillSummary()
{
    const auto content = m_model->content();
    QStringList parts;
    const auto link = [](const char *view, const QString &text) {
        return QStringLiteral("<a href='view:%1'>%2</a>").arg(QString::fromLatin1(view), text);
    };
    if (content->all.count + content->all.unknown > 0) {
        parts << link("timeline", tr("%1 spans").arg(grouped(content->all.count + content->all.unknown)));
        if (content->traces > 0)
            parts << link("traces", tr("%1 traces").arg(grouped(content->traces)));
        if (content->all.errors > 0)
            parts << QStringLiteral("<a href='filter:status=error'>%1</a>")
                         .arg(tr("%1 errors").arg(grouped(content->all.errors)));
        else
            parts << tr("no errors");
        if (content->roots.count > 0) {
            const auto &figures = content->roots.figures;
            QString text = tr("root spans (n = %1): P50 %2, P95 %3, P99 %4")
                               .arg(grouped(content->roots.count), duration(double(figures[0].value)),
                                   duration(double(figures[2].value)), duration(double(figures[3].value)));
            if (figures[3].tooFewSamples)
                text += tr(" (n too small for P99)");
            parts << link("distribution", text);
        }
        if (const QString sampling = items::samplingSummary(content->sampling); !sampling.isEmpty())
            parts << sampling.toHtmlEscaped();
    }
    if (content->planCount > 0)
        parts << link("plan",
            content->planCount == 1 ? tr("1 plan") : tr("%1 plans").arg(grouped(content->planCount)));
    if (content->profileCount > 0)
        parts << link("flame",
            content->profileCount == 1 ? tr("1 profile")
                                       : tr("%1 profiles").arg(grouped(content->profileCount)));
    if (content->seriesCount > 0)
        parts << link("timeline", tr("%1 series").arg(grouped(content->seriesCount)));
    const TimeRange range = context()->range().value_or(context()->fullRange());
    if (!range.isEmpty())
        parts << link("timeline",
            tr("%1 from %2")
                .arg(duration(double(range.length())), context()->timeText(range.begin).toHtmlEscaped()));
    m_summary->setText(parts.join(QStringLiteral(" &nbsp;·&nbsp; ")));
}

void OverviewView::fillGroups(Section &section, const QString &field, bool waits)
{
    const auto content = m_model->content();
    const auto &groups = waits              ? content->waits
        : field == QLatin1String("service") ? content->services
                                            : content->operations;
    const Theme theme(palette());
    section.table->setSortingEnabled(false);
    section.table->clear();
    double allSelf = 0;
    double mostTotal = 0;
    for (const analysis::GroupStats &group : groups) {
        allSelf += group.selfNs;
        mostTotal = std::max(mostTotal, group.totalNs);
    }
    for (const analysis::GroupStats &group : groups) {
        auto *item = section.table->addRow();
        const QString name = group.name.empty() ? tr("(no name)") : QString::fromStdString(group.name);
        item->setText(Name, name);
        item->setToolTip(Name, name);
        if (group.key != analysis::kNoRow || field == QLatin1String("service"))
            item->setData(Name, LinkTable::TermRole, term(field, group.name));
        setTimes(item, group, mostTotal, allSelf);
        LinkTable::setFigure(item, Count, grouped(group.count), double(group.count));
        LinkTable::setFigure(item, Errors, group.errors > 0 ? grouped(group.errors) : QStringLiteral("–"),
            double(group.errors),
            group.count > 0 ? tr("%1 %").arg(100.0 * double(group.errors) / double(group.count), 0, 'f', 2)
                            : QString());
        item->setData(Errors, LinkTable::LevelRole, group.errors > 0 ? 2 : 0);
        const qint64 known = group.histogram.total();
        setPercentile(item, P50, group.figures[0], known, theme);
        setPercentile(item, P95, group.figures[2], known, theme);
        setPercentile(item, P99, group.figures[3], known, theme);
        if (!item->data(Name, LinkTable::TermRole).toString().isEmpty())
            setLinks(item, group);
    }
    section.table->setSortingEnabled(true);
    section.box->setVisible(!groups.empty());
}

void OverviewView::fillPlans()
{
    const auto content = m_model->content();
    m_plans.table->clear();
    for (const items::SlowNode &node : content->slowNodes) {
        auto *item = m_plans.table->addRow();
        item->setText(0, node.title);
        item->setToolTip(0, node.title);
        item->setData(0, LinkTable::TermRole, node.nodeId);
        LinkTable::setFigure(item, 1, QString::fromStdString(humanMillis(node.selfMs)), node.selfMs,
            tr("%1 ms").arg(node.selfMs, 0, 'f', 3));
        LinkTable::setFigure(item, 2,
            std::isnan(node.share) ? QStringLiteral("–") : tr("%1 %").arg(node.share * 100, 0, 'f', 1),
            node.share);
        item->setData(2, LinkTable::BarRole, node.share);
        item->setData(2, LinkTable::LevelRole, node.share >= 0.4 ? 3 : node.share >= 0.1 ? 2 : 0);
        item->setText(3, node.plan);
        item->setToolTip(3, node.plan);
        for (int column = 0; column < 4; ++column)
            LinkTable::setLink(item, column, QStringLiteral("plan"),
                tr("Click or Enter: show this node in its plan"));
    }
    m_plans.box->setVisible(!content->slowNodes.isEmpty());
}

void OverviewView::fillFindings()
{
    const auto content = m_model->content();
    const Theme theme(palette());
    m_findings.table->clear();
    for (const auto &finding : content->findings) {
        auto *item = m_findings.table->addRow();
        item->setData(0, LinkTable::TermRole, finding.id);
        item->setText(0, finding.severity);
        item->setIcon(0, themedIcon(finding.severity));
        item->setForeground(0,
            finding.severity == QLatin1String("critical")      ? theme.critical()
                : finding.severity == QLatin1String("warning") ? theme.warning()
                                                               : theme.info());
        item->setText(1, finding.title);
        item->setToolTip(1, finding.title);
        LinkTable::setLink(item, 1, QStringLiteral("findings"),
            tr("Click or Enter: cause, evidence and fix of this finding"));
        item->setText(2, finding.summary);
        item->setToolTip(2, finding.summary);
    }
    m_findings.box->setVisible(!content->findings.isEmpty());
}

void OverviewView::showStreaming()
{
    const store::StreamingAggregate aggregate = session()->streamingAggregate();
    if (aggregate.spans == 0)
        return;
    m_stack->setCurrentIndex(1);
    m_summary->setText(
        tr("Importing: %1 spans so far. Totals are a preview; percentiles and self time follow.")
            .arg(grouped(aggregate.spans)));
    m_operations.table->setSortingEnabled(false);
    m_operations.table->clear();
    const double most = aggregate.entries.empty() ? 0 : double(aggregate.entries.front().totalNs);
    for (std::size_t i = 0; i < std::min<std::size_t>(aggregate.entries.size(), 100); ++i) {
        const auto &entry = aggregate.entries[i];
        auto *item = m_operations.table->addRow();
        item->setText(Name, QString::fromStdString(entry.operation));
        LinkTable::setFigure(item, Total, duration(double(entry.totalNs)), double(entry.totalNs));
        item->setData(Total, LinkTable::BarRole, most > 0 ? double(entry.totalNs) / most : 0.0);
        LinkTable::setFigure(item, Count, grouped(entry.count), double(entry.count));
        LinkTable::setFigure(item, Errors, entry.errors > 0 ? grouped(entry.errors) : QStringLiteral("–"),
            double(entry.errors));
        for (const int c : {int(Self), int(P50), int(P95), int(P99)})
            LinkTable::setFigure(item, c, QStringLiteral("…"), -1);
    }
    m_operations.box->setVisible(true);
    for (Section *section : {&m_services, &m_waits, &m_plans, &m_findings})
        section->box->setVisible(false);
    fitHeights();
}

} // namespace tailscope::widgets
