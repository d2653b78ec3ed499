// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Actions and menus of the statements view.
#include "widgets/statements/statementsview.h"

#include "items/querymodel.h"
#include "items/savetext.h"
#include "items/statementmodel.h"
#include "session/session.h"
#include "widgets/base/theme.h"
#include "widgets/statements/statementdetails.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QMenu>
#include <QTableView>

#include <algorithm>

namespace tailscope::widgets {

namespace {

void copy(const QString &text) { QApplication::clipboard()->setText(text); }

} // namespace

void StatementsView::createActions()
{
    auto *save = new QAction(themedIcon(QStringLiteral("export")), tr("Save Table as CSV…"), this);
    connect(save, &QAction::triggered, this, &StatementsView::saveCsv);
    m_actions << save;
    auto *rows = new QAction(tr("Copy Rows"), m_table);
    rows->setShortcut(QKeySequence::Copy);
    rows->setShortcutContext(Qt::WidgetShortcut);
    connect(rows, &QAction::triggered, this, &StatementsView::copyRows);
    m_table->addAction(rows);
    auto *tags = new QAction(tr("Copy Table"), m_tagTable);
    tags->setShortcut(QKeySequence::Copy);
    tags->setShortcutContext(Qt::WidgetShortcut);
    connect(tags, &QAction::triggered, this, [this] { copy(m_tags->toText(QLatin1Char('\t'))); });
    m_tagTable->addAction(tags);
}

QList<int> StatementsView::chosenRows() const
{
    QList<int> rows;
    for (const QModelIndex &index : m_table->selectionModel()->selectedRows())
        rows << index.row();
    std::sort(rows.begin(), rows.end());
    return rows;
}

void StatementsView::copyRows() { copy(m_model->toText(QLatin1Char('\t'), chosenRows())); }

void StatementsView::saveCsv()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Save Statements"),
        QStringLiteral("statements.csv"), tr("CSV (*.csv)"));
    if (path.isEmpty())
        return;
    QList<int> rows;
    for (int row = 0; row < m_model->rowCount(); ++row)
        rows << row;
    const QString problem = items::saveText(path, m_model->toText(QLatin1Char(','), rows));
    Q_EMIT statusText(problem.isEmpty()
            ? tr("Saved %1").arg(path)
            : tr("The table could not be saved: %1. Choose another folder.").arg(problem));
}

void StatementsView::openPlan(qint64 plan)
{
    if (plan <= 0)
        return;
    context()->setSelection({session::Selection::Kind::Plan, plan, {}});
    Q_EMIT openViewRequested(QStringLiteral("plan"));
}

void StatementsView::openSlowestPlan()
{
    // The plans beside are those of the current row, the slowest first.
    const QAbstractItemModel *plans = m_details->plans()->model();
    if (m_details->isBusy() || plans->rowCount() == 0)
        return;
    openPlan(plans->index(0, 0).data(items::QueryModel::SortRole).toLongLong());
}

void StatementsView::showMenu(const QPoint &position)
{
    const items::StatementItem *item = m_model->item(currentRow());
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(themedIcon(QStringLiteral("plan")), tr("&Open Slowest Plan"), this,
            &StatementsView::openSlowestPlan)
        ->setEnabled(item && item->plans > 0);
    menu->addAction(tr("E&xplain…"), this,
            [this, id = item ? item->id : 0] {
                Q_EMIT commandRequested(QStringLiteral("explain"),
                    QStringLiteral("{\"statement\":%1}").arg(id));
            })
        ->setEnabled(item != nullptr);
    menu->addAction(tr("&Spans With It in SQL"), this,
            [this, id = item ? item->id : 0] { Q_EMIT sqlRequested(m_model->spansSql(id)); })
        ->setEnabled(item && m_model->origin() == items::StatementModel::Spans);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Statement"), this,
            [text = item ? item->text : QString()] { copy(text); })
        ->setEnabled(item != nullptr);
    menu->addAction(tr("Copy &Reason"), this, [text = item ? item->reason : QString()] { copy(text); })
        ->setEnabled(item != nullptr);
    menu->addAction(tr("Copy Ro&ws"), this, &StatementsView::copyRows)->setEnabled(item != nullptr);
    menu->addActions(m_actions);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(m_model->sql()); });
    menu->popup(m_table->viewport()->mapToGlobal(position));
}

void StatementsView::showTagMenu(const QPoint &position)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Table"), this,
        [this] { copy(m_tags->toText(QLatin1Char('\t'))); });
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(m_model->tagsSql()); });
    menu->popup(m_tagTable->viewport()->mapToGlobal(position));
}

} // namespace tailscope::widgets
