// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/overview/overviewview.h"

#include "base/text.h"
#include "items/overviewmodel.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr int kShownRows = 12;
constexpr int kBarRole = Qt::UserRole + 1;
constexpr int kLevelRole = Qt::UserRole + 2;
constexpr int kTermRole = Qt::UserRole + 3;

enum GroupColumn { Name, Total, Self, Count, Errors, P50, P95, P99, GroupColumns };

/// Sorts by the raw value in UserRole, names by text.
class Item final : public QTreeWidgetItem
{
public:
    using QTreeWidgetItem::QTreeWidgetItem;
    bool operator<(const QTreeWidgetItem &other) const override
    {
        const int column = treeWidget() ? treeWidget()->sortColumn() : 0;
        const QVariant a = data(column, Qt::UserRole);
        const QVariant b = other.data(column, Qt::UserRole);
        return a.isValid() && b.isValid() ? a.toDouble() < b.toDouble() : text(column) < other.text(column);
    }
};

void setFigure(QTreeWidgetItem *item, int column, const QString &text, double value, const QString &tip = {})
{
    item->setText(column, text);
    item->setData(column, Qt::UserRole, value);
    item->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
    item->setToolTip(column, tip);
}

QString duration(double ns) { return QString::fromStdString(humanDuration(Nanos(ns))); }

QString grouped(qint64 count) { return QString::fromStdString(groupedCount(count)); }

void setPercentile(QTreeWidgetItem *item, int column, const analysis::PercentileFigure &figure, qint64 count,
    const Theme &theme)
{
    if (figure.value == kUnknownNanos) {
        setFigure(item, column, QStringLiteral("–"), -1, OverviewView::tr("no samples"));
        return;
    }
    setFigure(item, column, duration(double(figure.value)), double(figure.value),
        QString::fromStdString(exactDuration(figure.value))
            + OverviewView::tr("\nnearest rank %1 of %2").arg(figure.rank).arg(count)
            + (figure.tooFewSamples ? OverviewView::tr("\nn too small: this is the maximum") : QString()));
    if (figure.tooFewSamples)
        item->setForeground(column, theme.mutedText());
}

QString term(const QString &field, const std::string &value)
{
    QString text = QString::fromStdString(value);
    text.replace(QLatin1Char('\\'), QStringLiteral("\\\\")).replace(QLatin1Char('"'), QStringLiteral("\\\""));
    return QStringLiteral("%1=\"%2\"").arg(field, text);
}

} // namespace

OverviewView::OverviewView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new items::OverviewModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_summary(new QLabel(this))
    , m_page(new QWidget)
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);
    auto *empty = new EmptyState(this);
    empty->setContent(QStringLiteral("overview"), tr("Nothing to Show Yet"),
        tr("Open a trace, a profile, an execution plan or metrics; where the time went stands here."),
        tr("Open…"));
    connect(empty, &EmptyState::buttonClicked, this,
        [this] { Q_EMIT commandRequested(QStringLiteral("open"), {}); });
    m_stack->addWidget(empty);
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(m_page);
    m_stack->addWidget(scroll);
    new QGridLayout(m_page);
    m_summary->setWordWrap(true);
    m_summary->setTextFormat(Qt::RichText);
    m_summary->setTextInteractionFlags(Qt::TextBrowserInteraction);
    m_summary->setAccessibleName(tr("Summary"));
    connect(m_summary, &QLabel::linkActivated, this, &OverviewView::follow);
    const QStringList groupColumns{tr("Total"), tr("Self"), tr("Count"), tr("Errors"), tr("P50"), tr("P95"),
        tr("P99")};
    m_findings = addSection(m_page, tr("Findings"), {tr("Severity"), tr("Finding"), tr("Evidence")});
    m_services = addSection(m_page, tr("Services"), QStringList{tr("Service")} + groupColumns);
    m_operations = addSection(m_page, tr("Operations"), QStringList{tr("Operation")} + groupColumns);
    m_waits = addSection(m_page, tr("Waiting for Others (client, producer and consumer spans)"),
        QStringList{tr("Operation")} + groupColumns);
    m_plans = addSection(m_page, tr("Slowest Plan Nodes"),
        {tr("Node"), tr("Self Time"), tr("Share"), tr("Plan")});
    connect(m_findings.table, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem *item) {
        context()->setSelection(
            {session::Selection::Kind::Finding, item->data(0, kTermRole).toLongLong(), {}});
        Q_EMIT openViewRequested(QStringLiteral("findings"));
    });
    connect(m_plans.table, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem *item) {
        const qint64 plan = item->data(0, kTermRole).toLongLong();
        context()->setSelection({session::Selection::Kind::Plan, plan, {}});
        Q_EMIT openViewRequested(QStringLiteral("plan"));
    });
    connect(m_model, &items::OverviewModel::changed, this, &OverviewView::refresh);
    connect(session, &session::Session::streamingChanged, this, &OverviewView::showStreaming);
    arrange();
    refresh();
}

OverviewView::Section OverviewView::addSection(QWidget *page, const QString &title,
    const QStringList &columns)
{
    Section section;
    section.box = new QWidget(page);
    auto *layout = new QVBoxLayout(section.box);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->setSpacing(3);
    section.title = new QLabel(title, section.box);
    QFont bold = section.title->font();
    bold.setBold(true);
    section.title->setFont(bold);
    section.table = new QTreeWidget(section.box);
    section.table->setHeaderLabels(columns);
    section.table->setRootIsDecorated(false);
    section.table->setUniformRowHeights(true);
    section.table->setAlternatingRowColors(true);
    section.table->setAccessibleName(title);
    section.table->setItemDelegate(new BarDelegate(kBarRole, kLevelRole, this));
    section.table->header()->setStretchLastSection(false);
    section.table->header()->setSectionsMovable(false);
    section.table->setSortingEnabled(columns.size() == GroupColumns);
    section.table->header()->setSortIndicator(columns.size() == GroupColumns ? int(Total) : -1,
        Qt::DescendingOrder);
    section.table->setContextMenuPolicy(Qt::CustomContextMenu);
    section.table->setToolTip(tr("Double click or Enter narrows every view to this row"));
    QTreeWidget *table = section.table;
    connect(table, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem *item) {
        if (const QString term = item->data(0, kTermRole).toString(); term.contains(QLatin1Char('=')))
            context()->narrow(term);
    });
    connect(table, &QTreeWidget::customContextMenuRequested, this, [this, table](const QPoint &position) {
        QTreeWidgetItem *item = table->itemAt(position);
        if (!item)
            return;
        const QString term = item->data(0, kTermRole).toString();
        auto *menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        if (term.contains(QLatin1Char('='))) {
            menu->addAction(tr("Filter to This"), this, [this, term] { context()->narrow(term); });
            for (const auto &[text, view] :
                {std::pair{tr("Show in Flame Graph"), "flame"}, std::pair{tr("Show in Timeline"), "timeline"},
                    std::pair{tr("Show Distribution"), "distribution"}}) {
                menu->addAction(text, this, [this, term, id = QString::fromLatin1(view)] {
                    context()->narrow(term);
                    Q_EMIT openViewRequested(id);
                });
            }
            menu->addSeparator();
        }
        menu->addAction(tr("Copy Row"), this, [item, table] {
            QStringList cells;
            for (int c = 0; c < table->columnCount(); ++c)
                cells << item->text(c);
            QApplication::clipboard()->setText(cells.join(QLatin1Char('\t')));
        });
        menu->addAction(tr("Show SQL"), this, [this] { Q_EMIT sqlRequested(showSql()); });
        menu->popup(table->viewport()->mapToGlobal(position));
    });
    layout->addWidget(section.title);
    layout->addWidget(section.table);
    return section;
}

QString OverviewView::showSql() const
{
    return QStringLiteral(
        "SELECT operation, count(*) AS n, sum(status = 'error') AS errors, sum(duration_ns) AS total_ns,"
        " sum(self_ns) AS self_ns,\n  p50(duration_ns) AS p50_ns, p95(duration_ns) AS p95_ns, "
        "p99(duration_ns)"
        " AS p99_ns\nFROM span WHERE %1\nGROUP BY operation ORDER BY total_ns DESC LIMIT 200")
        .arg(context()->whereSql());
}

QString OverviewView::commandLine() const
{
    QString path = QString::fromStdString(session()->workspace().path().string());
    return QStringLiteral("tailscope report '%1'")
        .arg(path.replace(QLatin1Char('\''), QStringLiteral("'\\''")));
}

bool OverviewView::isReady() const { return !m_model->isRunning() && !session()->isLoading(); }

void OverviewView::startSearch() { m_operations.table->setFocus(); }

void OverviewView::refresh()
{
    const auto content = m_model->content();
    const bool any = content
        && (content->all.count > 0 || content->all.unknown > 0 || !content->slowNodes.isEmpty()
            || content->planCount > 0 || content->seriesCount > 0 || content->profileCount > 0
            || !session()->sources().isEmpty());
    if (!any) {
        if (session()->streamingAggregate().spans == 0)
            m_stack->setCurrentIndex(0);
        Q_EMIT readyChanged();
        return;
    }
    m_stack->setCurrentIndex(1);
    fillSummary();
    fillFindings();
    fillGroups(m_services, QStringLiteral("service"), false);
    fillGroups(m_operations, QStringLiteral("operation"), false);
    fillGroups(m_waits, QStringLiteral("operation"), true);
    fillPlans();
    fitHeights();
    Q_EMIT readyChanged();
}

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
            parts << tr("%1 traces").arg(grouped(content->traces));
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
        parts << tr("%1 from %2")
                     .arg(duration(double(range.length())), context()->timeText(range.begin).toHtmlEscaped());
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
        auto *item = new Item(section.table);
        const QString name = group.name.empty() ? tr("(no name)") : QString::fromStdString(group.name);
        item->setText(Name, name);
        item->setToolTip(Name, name);
        if (group.key != analysis::kNoRow || field == QLatin1String("service"))
            item->setData(Name, kTermRole, term(field, group.name));
        setFigure(item, Total, duration(group.totalNs), group.totalNs,
            tr("Sum of durations: %1").arg(QString::fromStdString(exactDuration(Nanos(group.totalNs)))));
        item->setData(Total, kBarRole, mostTotal > 0 ? group.totalNs / mostTotal : 0.0);
        setFigure(item, Self, duration(group.selfNs), group.selfNs,
            tr("Time in no synchronous child: %1, %2 % of all self time listed here")
                .arg(QString::fromStdString(exactDuration(Nanos(group.selfNs))))
                .arg(allSelf > 0 ? 100 * group.selfNs / allSelf : 0, 0, 'f', 1));
        item->setData(Self, kBarRole, allSelf > 0 ? group.selfNs / allSelf : 0.0);
        setFigure(item, Count, grouped(group.count), double(group.count));
        setFigure(item, Errors, group.errors > 0 ? grouped(group.errors) : QStringLiteral("–"),
            double(group.errors),
            group.count > 0 ? tr("%1 %").arg(100.0 * double(group.errors) / double(group.count), 0, 'f', 2)
                            : QString());
        item->setData(Errors, kLevelRole, group.errors > 0 ? 2 : 0);
        setPercentile(item, P50, group.figures[0], group.count, theme);
        setPercentile(item, P95, group.figures[2], group.count, theme);
        setPercentile(item, P99, group.figures[3], group.count, theme);
    }
    section.table->setSortingEnabled(true);
    section.box->setVisible(!groups.empty());
}

void OverviewView::fillPlans()
{
    const auto content = m_model->content();
    m_plans.table->clear();
    for (const items::SlowNode &node : content->slowNodes) {
        auto *item = new Item(m_plans.table);
        item->setText(0, node.title);
        item->setToolTip(0, node.title);
        item->setData(0, kTermRole, node.planId);
        setFigure(item, 1, QString::fromStdString(humanMillis(node.selfMs)), node.selfMs,
            tr("%1 ms").arg(node.selfMs, 0, 'f', 3));
        setFigure(item, 2,
            std::isnan(node.share) ? QStringLiteral("–") : tr("%1 %").arg(node.share * 100, 0, 'f', 1),
            node.share);
        item->setData(2, kBarRole, node.share);
        item->setData(2, kLevelRole, node.share >= 0.4 ? 3 : node.share >= 0.1 ? 2 : 0);
        item->setText(3, node.plan);
        item->setToolTip(3, node.plan);
    }
    m_plans.box->setVisible(!content->slowNodes.isEmpty());
}

void OverviewView::fillFindings()
{
    const auto content = m_model->content();
    const Theme theme(palette());
    m_findings.table->clear();
    for (const auto &finding : content->findings) {
        auto *item = new Item(m_findings.table);
        item->setData(0, kTermRole, finding.id);
        item->setText(0, finding.severity);
        item->setIcon(0, themedIcon(finding.severity));
        item->setForeground(0,
            finding.severity == QLatin1String("critical")      ? theme.critical()
                : finding.severity == QLatin1String("warning") ? theme.warning()
                                                               : theme.info());
        item->setText(1, finding.title);
        item->setToolTip(1, finding.title);
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
        auto *item = new Item(m_operations.table);
        item->setText(Name, QString::fromStdString(entry.operation));
        setFigure(item, Total, duration(double(entry.totalNs)), double(entry.totalNs));
        item->setData(Total, kBarRole, most > 0 ? double(entry.totalNs) / most : 0.0);
        setFigure(item, Count, grouped(entry.count), double(entry.count));
        setFigure(item, Errors, entry.errors > 0 ? grouped(entry.errors) : QStringLiteral("–"),
            double(entry.errors));
        for (const int c : {int(Self), int(P50), int(P95), int(P99)})
            setFigure(item, c, QStringLiteral("…"), -1);
    }
    m_operations.box->setVisible(true);
    for (Section *section : {&m_services, &m_waits, &m_plans, &m_findings})
        section->box->setVisible(false);
    fitHeights();
}

void OverviewView::follow(const QString &link)
{
    if (link.startsWith(QLatin1String("view:")))
        Q_EMIT openViewRequested(link.mid(5));
    else if (link.startsWith(QLatin1String("filter:")))
        context()->narrow(link.mid(7));
}

void OverviewView::fitHeights()
{
    for (Section *section : {&m_findings, &m_services, &m_operations, &m_waits, &m_plans}) {
        QTreeWidget *table = section->table;
        const int rows = std::clamp(table->topLevelItemCount(), 1, kShownRows);
        const int row = std::max(table->sizeHintForRow(0), table->fontMetrics().height() + 6);
        table->setFixedHeight(
            table->header()->sizeHint().height() + rows * row + 2 * table->frameWidth() + 2);
        // One column takes the room that is left; the others fit their figures.
        const int stretched = section == &m_findings ? 2 : 0;
        for (int c = 0; c < table->columnCount(); ++c) {
            table->header()->setSectionResizeMode(c,
                c == stretched ? QHeaderView::Stretch : QHeaderView::Interactive);
            if (c != stretched)
                table->resizeColumnToContents(c);
        }
        if (section == &m_findings)
            table->setColumnWidth(1, std::min(table->columnWidth(1), std::max(160, width() / 3)));
        if (section == &m_plans)
            table->setColumnWidth(3, std::min(table->columnWidth(3), std::max(120, width() / 3)));
    }
}

void OverviewView::arrange()
{
    auto *grid = static_cast<QGridLayout *>(m_page->layout());
    while (grid->count() > 0)
        delete grid->takeAt(0);
    grid->setContentsMargins(12, 10, 12, 12);
    grid->setHorizontalSpacing(18);
    grid->addWidget(m_summary, 0, 0, 1, 2);
    grid->addWidget(m_findings.box, 1, 0, 1, 2);
    grid->addWidget(m_operations.box, 2, 0, 1, 2);
    if (m_wide) {
        grid->addWidget(m_services.box, 3, 0, Qt::AlignTop);
        grid->addWidget(m_waits.box, 3, 1, Qt::AlignTop);
    } else {
        grid->addWidget(m_services.box, 3, 0, 1, 2);
        grid->addWidget(m_waits.box, 4, 0, 1, 2);
    }
    grid->addWidget(m_plans.box, 5, 0, 1, 2);
    grid->setRowStretch(6, 1);
}

void OverviewView::resizeEvent(QResizeEvent *event)
{
    View::resizeEvent(event);
    const bool wide = width() >= 1500;
    if (wide != m_wide) {
        m_wide = wide;
        arrange();
    }
}

} // namespace tailscope::widgets
