// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/overview/overviewview.h"

#include "base/text.h"
#include "items/overviewmodel.h"
#include "items/samplingtext.h"
#include "session/session.h"
#include "widgets/base/emptystate.h"
#include "widgets/overview/linktable.h"

#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

namespace {

constexpr int kShownRows = 12;
constexpr int kTotalColumn = 1;
/// Sections with more columns are sorted by the user; the others keep the order they come in.
constexpr int kFewColumns = 4;

} // namespace

OverviewView::OverviewView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new items::OverviewModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_banner(new Banner(this))
    , m_summary(new QLabel(this))
    , m_page(new QWidget)
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    outer->addWidget(m_banner);
    connect(m_banner, &Banner::actionClicked, this,
        [this] { Q_EMIT openViewRequested(QStringLiteral("sources")); });
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
    section.table = new LinkTable(section.box);
    section.table->setHeaderLabels(columns);
    section.table->setAccessibleName(title);
    const bool sorts = columns.size() > kFewColumns;
    section.table->setSortingEnabled(sorts);
    section.table->header()->setSortIndicator(sorts ? kTotalColumn : -1, Qt::DescendingOrder);
    section.table->setContextMenuPolicy(Qt::CustomContextMenu);
    section.table->setToolTip(tr("Double click or Enter narrows every view to this row"));
    LinkTable *table = section.table;
    connect(table, &LinkTable::rowActivated, this, &OverviewView::followRow);
    connect(table, &LinkTable::linkActivated, this, &OverviewView::followCell);
    connect(table, &QTreeWidget::itemClicked, this, [this](QTreeWidgetItem *item, int column) {
        if (column == 0)
            selectOperation(item);
    });
    connect(table, &QTreeWidget::customContextMenuRequested, this,
        [this, table](const QPoint &position) { showMenu(table, position); });
    layout->addWidget(section.title);
    layout->addWidget(section.table);
    return section;
}

void OverviewView::showMenu(QTreeWidget *table, const QPoint &position)
{
    QTreeWidgetItem *item = table->itemAt(position);
    if (!item)
        return;
    const QString term = item->data(0, LinkTable::TermRole).toString();
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
    // The row itself may be gone when the entry is chosen.
    QStringList cells;
    for (int c = 0; c < table->columnCount(); ++c)
        cells << item->text(c);
    menu->addAction(tr("Copy Row"), this,
        [text = cells.join(QLatin1Char('\t'))] { QApplication::clipboard()->setText(text); });
    menu->addAction(tr("Show SQL"), this, [this] { Q_EMIT sqlRequested(showSql()); });
    menu->popup(table->viewport()->mapToGlobal(position));
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
        m_banner->clear();
        return;
    }
    m_stack->setCurrentIndex(1);
    if (const QString warning = items::samplingWarning(content->sampling); !warning.isEmpty())
        m_banner->show(Banner::Level::Warning, warning, tr("Show Sources"));
    else
        m_banner->clear();
    fillSummary();
    fillFindings();
    fillGroups(m_services, QStringLiteral("service"), false);
    fillGroups(m_operations, QStringLiteral("operation"), false);
    fillGroups(m_waits, QStringLiteral("operation"), true);
    fillPlans();
    fitHeights();
    Q_EMIT readyChanged();
}

void OverviewView::followRow(QTreeWidgetItem *item)
{
    if (item->treeWidget() == m_findings.table) {
        followCell(item, QStringLiteral("findings"));
        return;
    }
    if (const QString term = item->data(0, LinkTable::TermRole).toString(); term.contains(QLatin1Char('=')))
        context()->narrow(term);
}

void OverviewView::followCell(QTreeWidgetItem *item, const QString &link)
{
    using Kind = session::Selection::Kind;
    const QVariant term = item->data(0, LinkTable::TermRole);
    if (link == QLatin1String("plan")) {
        context()->setSelection({Kind::PlanNode, term.toLongLong(), {}});
    } else if (link == QLatin1String("findings")) {
        context()->setSelection({Kind::Finding, term.toLongLong(), {}});
    } else if (link == QLatin1String("errors")) {
        context()->narrow(term.toString() + QStringLiteral(" status=error"));
        return;
    } else {
        context()->narrow(term.toString());
    }
    Q_EMIT openViewRequested(link);
}

void OverviewView::selectOperation(QTreeWidgetItem *item)
{
    const bool isOperation = item->treeWidget() == m_operations.table || item->treeWidget() == m_waits.table;
    // A row without a term stands for many operations.
    if (isOperation && !item->data(0, LinkTable::TermRole).toString().isEmpty())
        context()->setSelection({session::Selection::Kind::Operation, 0, item->text(0)});
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
        LinkTable *table = section->table;
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
