// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Examples, menus and actions of the cohorts view.
#include "widgets/compare/cohortsview.h"

#include "base/text.h"
#include "items/cohortmodel.h"
#include "items/cohorttable.h"
#include "session/session.h"
#include "widgets/base/theme.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QTableView>

namespace tailscope::widgets {

namespace {

constexpr int kRowRole = Qt::UserRole + 1;

void copy(const QString &text) { QApplication::clipboard()->setText(text); }

} // namespace

void CohortsView::createActions()
{
    const auto add = [this](const QString &text, auto run) {
        auto *action = new QAction(text, this);
        connect(action, &QAction::triggered, this, run);
        m_actions << action;
        return action;
    };
    add(tr("Copy Answer"), [this] { copy(setsText() + QLatin1Char('\n') + answerText()); });
    add(tr("Copy Table"), [this] { copy(m_rows->tableText()); });
    auto *copyRow = new QAction(tr("Copy Row"), m_table);
    copyRow->setShortcut(QKeySequence::Copy);
    copyRow->setShortcutContext(Qt::WidgetShortcut);
    connect(copyRow, &QAction::triggered, this,
        [this] { copy(m_rows->rowText(m_table->currentIndex().row())); });
    m_table->addAction(copyRow);
    auto *copyExample = new QAction(tr("Copy"), m_examples);
    copyExample->setShortcut(QKeySequence::Copy);
    copyExample->setShortcutContext(Qt::WidgetShortcut);
    connect(copyExample, &QAction::triggered, this, [this] {
        if (const QListWidgetItem *item = m_examples->currentItem())
            copy(item->text());
    });
    m_examples->addAction(copyExample);
}

void CohortsView::showExamples()
{
    m_examples->clear();
    const auto content = m_model->content();
    const auto *difference = m_rows->difference(m_table->currentIndex().row());
    m_examplesTitle->setText(difference && !difference->examples.empty()
            ? tr("Slow requests with %1 (Enter opens the trace)")
                  .arg(m_rows->index(m_table->currentIndex().row(), items::CohortTable::What)
                           .data()
                           .toString())
            : tr("No example"));
    if (!difference || !content)
        return;
    const analysis::SpanColumns &columns = *content->columns;
    for (const std::uint32_t row : difference->examples) {
        const QString key = content->traceKeys.value(row);
        auto *item = new QListWidgetItem(
            QStringLiteral("%1   %2   %3%4")
                .arg(QString::fromStdString(humanDuration(columns.duration[row])).leftJustified(8),
                    context()->timeText(columns.start[row]),
                    QString::fromStdString(columns.operations[columns.operation[row]]),
                    key.isEmpty() ? QString() : QStringLiteral("   ") + key),
            m_examples);
        item->setData(kRowRole, row);
        item->setToolTip(QString::fromStdString(exactDuration(columns.duration[row])));
    }
    if (m_examples->count() > 0)
        m_examples->setCurrentRow(0);
}

void CohortsView::openExample()
{
    const QListWidgetItem *item = m_examples->currentItem();
    const auto content = m_model->content();
    if (!item || !content)
        return;
    const analysis::SpanColumns &columns = *content->columns;
    const auto row = item->data(kRowRole).toUInt();
    using Kind = session::Selection::Kind;
    if (columns.trace[row] != analysis::kNoRow) {
        context()->setSelection({Kind::Trace, columns.traceIds[columns.trace[row]], {}});
        Q_EMIT openViewRequested(QStringLiteral("waterfall"));
    } else {
        context()->setSelection({Kind::Span, columns.id(row), {}});
        Q_EMIT openViewRequested(QStringLiteral("timeline"));
    }
}

void CohortsView::filterToRow()
{
    const QString terms = m_rows->filterTerms(m_table->currentIndex().row());
    if (!terms.isEmpty())
        context()->narrow(terms);
    else if (m_examples->count() > 0)
        m_examples->setFocus();
}

void CohortsView::showMenu(const QPoint &position)
{
    const QModelIndex index = m_table->indexAt(position);
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const QString terms = m_rows->filterTerms(index.row());
    QAction *filter = menu->addAction(themedIcon(QStringLiteral("filter")), tr("&Filter to This"), this,
        [this, terms] { context()->narrow(terms); });
    filter->setEnabled(!terms.isEmpty());
    filter->setToolTip(terms.isEmpty() ? tr("The filter bar has no field for this") : terms);
    menu->setToolTipsVisible(true);
    menu->addAction(tr("&Open Slowest Example"), this, &CohortsView::openExample)
        ->setEnabled(m_examples->count() > 0);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Row"), this,
            [this, row = index.row()] { copy(m_rows->rowText(row)); })
        ->setEnabled(index.isValid());
    menu->addActions(m_actions);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(m_model->sql()); });
    menu->popup(m_table->viewport()->mapToGlobal(position));
}

void CohortsView::showExampleMenu(const QPoint &position)
{
    const QListWidgetItem *item = m_examples->itemAt(position);
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("&Open Trace"), this, &CohortsView::openExample)->setEnabled(item != nullptr);
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy"), this,
            [text = item ? item->text() : QString()] { copy(text); })
        ->setEnabled(item != nullptr);
    menu->addAction(tr("Copy &All"), this, [this] {
        QStringList lines;
        for (int i = 0; i < m_examples->count(); ++i)
            lines << m_examples->item(i)->text();
        copy(lines.join(QLatin1Char('\n')));
    });
    menu->popup(m_examples->viewport()->mapToGlobal(position));
}

} // namespace tailscope::widgets
