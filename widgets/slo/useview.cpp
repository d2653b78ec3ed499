// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/slo/useview.h"

#include "items/usemodel.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QMenu>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

using items::CellTable;
using items::UseModel;

UseView::UseView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new UseModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_note(new ElidedLabel(this))
    , m_table(new QTableView(this))
{
    setAccessibleName(tr("Resources (USE)"));
    m_table->setModel(m_model->table());
    m_table->setItemDelegate(new BarDelegate(CellTable::BarRole, CellTable::LevelRole, m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setAlternatingRowColors(true);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setAccessibleName(tr("Resources"));
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 10);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    auto *copy = new QAction(tr("Copy Rows"), m_table);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &UseView::copyRows);
    m_table->addAction(copy);

    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_note->setContentsMargins(8, 6, 8, 6);
    layout->addWidget(m_note);
    layout->addWidget(m_table, 1);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(page);
    outer->addWidget(m_stack);

    connect(m_model, &UseModel::changed, this, &UseView::refresh);
    connect(m_model, &UseModel::busyChanged, this, &View::readyChanged);
    connect(m_table, &QTableView::activated, this, &UseView::openShown);
    connect(m_table, &QTableView::customContextMenuRequested, this, &UseView::showMenu);
    connect(m_empty, &EmptyState::buttonClicked, this, [this] {
        if (context()->range())
            context()->setRange(std::nullopt);
        else
            Q_EMIT commandRequested(QStringLiteral("open"), {});
    });
    setFocusProxy(m_table);
    refresh();
}

QString UseView::showSql() const
{
    const QModelIndex index = m_table->currentIndex();
    const qint64 row = index.isValid() ? m_model->table()->idAt(index.row()) : 0;
    for (const int column : {index.isValid() ? index.column() : int(UseModel::Utilisation),
             int(UseModel::Saturation), int(UseModel::Errors)}) {
        const QString sql = m_model->sqlOf(row, column);
        if (!sql.isEmpty())
            return sql;
    }
    return QStringLiteral("SELECT metric, count(*) AS series FROM series GROUP BY metric ORDER BY metric;");
}

bool UseView::isReady() const { return !m_model->isBusy() && !session()->isLoading(); }

void UseView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void UseView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

void UseView::refresh()
{
    if (!m_model->errorText().isEmpty()) {
        m_empty->setContent(QStringLiteral("critical"), tr("Resources Could Not Be Read"),
            m_model->errorText());
    } else if (!m_model->rows()) {
        m_empty->setContent(QStringLiteral("use"), tr("Reading Resources…"),
            tr("The table appears when all samples are read."));
    } else if (m_model->known() == 0 && context()->range()) {
        m_empty->setContent(QStringLiteral("filter"), tr("No Samples in This Range"),
            tr("No sample of a resource lies in the chosen time."), tr("Show All Times"));
    } else if (m_model->known() == 0) {
        m_empty->setContent(QStringLiteral("use"), tr("Nothing Known of Any Resource"),
            tr("Open metrics of hosts and containers (Prometheus, vmstat, sar), of pools (HikariCP, "
               "PgBouncer), of "
               "replicas, a PostgreSQL log, a GC log: each fills its cells."),
            tr("Open Files…"));
    } else {
        m_note->setText(
            tr("%1 figures known, %2 cells need an input: the tooltip says which files hold it. Enter opens "
               "the view that shows the resource.")
                .arg(m_model->known())
                .arg(m_model->missing()));
        m_stack->setCurrentIndex(1);
        return;
    }
    m_stack->setCurrentIndex(0);
}

void UseView::openShown()
{
    const QModelIndex index = m_table->currentIndex();
    if (!index.isValid())
        return;
    const qint64 id = m_model->table()->idAt(index.row());
    const items::UseRow &row = (*m_model->rows())[std::size_t(id)];
    const QString subject = QString::fromStdString(row.subject);
    if (row.resource == "pools" || row.resource == "threads")
        context()->setSelection(
            {session::Selection::Kind::Pool, 0, subject.section(QStringLiteral(" · "), 0, 0)});
    else if (row.resource == "replication")
        context()->setSelection({session::Selection::Kind::Replica, 0, subject});
    else if (row.resource == "queues")
        context()->setSelection({session::Selection::Kind::Queue, 0, subject});
    Q_EMIT openViewRequested(m_model->viewOf(id));
}

void UseView::copyRows()
{
    QList<int> rows;
    for (const QModelIndex &index : m_table->selectionModel()->selectedRows())
        rows << index.row();
    std::sort(rows.begin(), rows.end());
    if (rows.isEmpty()) {
        for (int row = 0; row < m_table->model()->rowCount(); ++row)
            rows << row;
    }
    QApplication::clipboard()->setText(m_model->table()->toText(rows));
}

void UseView::showMenu(const QPoint &position)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("&Open the View That Shows It"), this, &UseView::openShown)
        ->setEnabled(m_table->currentIndex().isValid());
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Rows"), this, &UseView::copyRows);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(showSql()); });
    menu->popup(m_table->viewport()->mapToGlobal(position));
}

} // namespace tailscope::widgets
