// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Actions and menu of the sessions view.
#include "widgets/sessions/sessionsview.h"

#include "items/savetext.h"
#include "items/sessionmodel.h"
#include "session/session.h"
#include "widgets/base/theme.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QMenu>
#include <QTableView>

#include <algorithm>

namespace tailscope::widgets {

namespace {

void copy(const QString &text) { QApplication::clipboard()->setText(text); }

} // namespace

void SessionsView::createActions()
{
    auto *query = new QAction(themedIcon(QStringLiteral("copy")), tr("Copy Query"), this);
    connect(query, &QAction::triggered, this, [this] {
        if (const items::SessionItem *item = m_model->item(currentRow()))
            copy(m_model->statementText(item->row.statementId));
    });
    auto *save = new QAction(themedIcon(QStringLiteral("export")), tr("Save Table as CSV…"), this);
    connect(save, &QAction::triggered, this, [this] {
        const QString path = QFileDialog::getSaveFileName(this, tr("Save Sessions"),
            QStringLiteral("sessions.csv"), tr("CSV (*.csv)"));
        if (path.isEmpty())
            return;
        QList<int> rows;
        for (int row = 0; row < m_model->rowCount(); ++row)
            rows << row;
        const QString problem = items::saveText(path, m_model->toText(QLatin1Char(','), rows));
        Q_EMIT statusText(problem.isEmpty()
                ? tr("Saved %1").arg(path)
                : tr("The table could not be saved: %1. Choose another folder.").arg(problem));
    });
    m_actions << query << save;
    auto *rows = new QAction(tr("Copy Rows"), m_table);
    rows->setShortcut(QKeySequence::Copy);
    rows->setShortcutContext(Qt::WidgetShortcut);
    connect(rows, &QAction::triggered, this, &SessionsView::copyRows);
    m_table->addAction(rows);
}

QList<int> SessionsView::chosenRows() const
{
    QList<int> rows;
    for (const QModelIndex &index : m_table->selectionModel()->selectedRows())
        rows << index.row();
    std::sort(rows.begin(), rows.end());
    return rows;
}

void SessionsView::copyRows() { copy(m_model->toText(QLatin1Char('\t'), chosenRows())); }

void SessionsView::copyCell() { copy(m_model->cellText(currentRow(), m_table->currentIndex().column())); }

void SessionsView::copyTable()
{
    QList<int> rows;
    for (int row = 0; row < m_model->rowCount(); ++row)
        rows << row;
    copy(m_model->toText(QLatin1Char(','), rows));
}

void SessionsView::explain()
{
    const items::SessionItem *item = m_model->item(currentRow());
    if (!item || item->row.statementId == 0)
        return;
    const QJsonObject what{{QStringLiteral("statement"), qint64(item->row.statementId)},
        {QStringLiteral("db"), QString::fromStdString(item->row.db)},
        {QStringLiteral("user"), QString::fromStdString(item->row.user)}};
    Q_EMIT commandRequested(QStringLiteral("explain"),
        QString::fromUtf8(QJsonDocument(what).toJson(QJsonDocument::Compact)));
}

void SessionsView::openStatement()
{
    const items::SessionItem *item = m_model->item(currentRow());
    if (!item || item->row.statementId == 0)
        return;
    context()->setSelection({session::Selection::Kind::Statement, item->row.statementId, {}});
    Q_EMIT openViewRequested(QStringLiteral("statements"));
}

void SessionsView::openBlocking()
{
    const items::SessionItem *item = m_model->item(currentRow());
    if (!item)
        return;
    const auto list = m_model->list();
    context()->setSelection({session::Selection::Kind::Backend, item->row.pid,
        QString::number(list->servers[item->server].server.ids.front())});
    Q_EMIT openViewRequested(QStringLiteral("blocking"));
}

void SessionsView::filterToApplication()
{
    if (const items::SessionItem *item = m_model->item(currentRow()))
        m_search->setText(QString::fromStdString(item->row.application));
}

void SessionsView::showMenu(const QPoint &position)
{
    const items::SessionItem *item = m_model->item(currentRow());
    const bool hasQuery = item && item->row.statementId != 0;
    const qint64 pid = item ? item->row.pid : 0;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(themedIcon(QStringLiteral("plan")), tr("&Explain…"), this, &SessionsView::explain)
        ->setEnabled(hasQuery);
    menu->addAction(themedIcon(QStringLiteral("statements")), tr("Open &Statement"), this,
            &SessionsView::openStatement)
        ->setEnabled(hasQuery);
    menu->addAction(themedIcon(QStringLiteral("blocking")), tr("Show in &Blocking"), this,
            &SessionsView::openBlocking)
        ->setEnabled(item && (!item->blockedBy.empty() || !item->blocks.empty()));
    menu->addAction(themedIcon(QStringLiteral("filter")), tr("Only This &Application"), this,
            &SessionsView::filterToApplication)
        ->setEnabled(item && !item->row.application.empty());
    menu->addSeparator();
    m_actions.first()->setEnabled(hasQuery);
    menu->addAction(m_actions.first());
    menu->addAction(tr("Copy Ce&ll"), this, &SessionsView::copyCell)->setEnabled(item != nullptr);
    menu->addAction(tr("Copy Ro&ws"), this, &SessionsView::copyRows)->setEnabled(item != nullptr);
    menu->addAction(tr("Copy &Table as CSV"), this, &SessionsView::copyTable);
    menu->addAction(m_actions.last());
    menu->addSeparator();
    // A text to run elsewhere: nothing is ever cancelled from here.
    menu->addAction(tr("Copy \"%1\"").arg(items::cancelText(pid)), this,
            [pid] { copy(items::cancelText(pid)); })
        ->setEnabled(item && item->row.isClient());
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(m_model->sql()); });
    menu->popup(m_table->viewport()->mapToGlobal(position));
}

} // namespace tailscope::widgets
