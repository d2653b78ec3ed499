// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/statements/statementdetails.h"

#include "items/querymodel.h"
#include "items/statementmodel.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/theme.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFontDatabase>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

namespace tailscope::widgets {

StatementDetails::StatementDetails(session::Session *session, items::StatementModel *model, QWidget *parent)
    : QSplitter(Qt::Horizontal, parent)
    , m_session(session)
    , m_model(model)
    , m_which(new QComboBox(this))
    , m_copy(new QToolButton(this))
    , m_reason(new ElidedLabel(this))
    , m_text(new QPlainTextEdit(this))
    , m_plansTitle(new QLabel(this))
    , m_planRows(new items::QueryModel(session, this))
    , m_plans(new QTableView(this))
{
    setChildrenCollapsible(false);
    addWidget(textSide());
    addWidget(planSide());
    setStretchFactor(0, 3);
    setStretchFactor(1, 2);
    connect(m_which, &QComboBox::currentIndexChanged, this, &StatementDetails::showText);
    connect(m_copy, &QToolButton::clicked, this, [this] { QApplication::clipboard()->setText(shownText()); });
    connect(m_planRows, &items::QueryModel::finished, this, [this] {
        const int n = m_planRows->rowCount();
        m_plansTitle->setText(n == 0 ? tr("No plan of it: import its EXPLAIN (ANALYZE, BUFFERS)")
                                     : tr("%n plan(s) of it (Enter opens)", nullptr, n));
        m_plans->setVisible(n > 0);
        if (n > 0)
            m_plans->resizeColumnsToContents();
        Q_EMIT busyChanged();
    });
    connect(m_plans, &QTableView::activated, this, &StatementDetails::openPlan);
    connect(m_plans, &QTableView::customContextMenuRequested, this, &StatementDetails::showPlanMenu);
    setRow(-1);
}

QWidget *StatementDetails::textSide()
{
    auto *side = new QWidget(this);
    auto *layout = new QVBoxLayout(side);
    layout->setContentsMargins(8, 4, 4, 4);
    auto *bar = new QHBoxLayout;
    m_which->addItems({tr("Without Values"), tr("First Text")});
    m_which->setAccessibleName(tr("Which text of the statement"));
    m_which->setToolTip(
        tr("Without values: as all executions have it. First text: as it was first seen, with values"));
    m_copy->setIcon(themedIcon(QStringLiteral("copy")));
    m_copy->setAccessibleName(tr("Copy the statement"));
    m_copy->setToolTip(tr("Copy the statement"));
    m_copy->setFocusPolicy(Qt::TabFocus);
    bar->addWidget(m_which);
    bar->addWidget(m_copy);
    bar->addWidget(m_reason, 1);
    layout->addLayout(bar);
    m_text->setReadOnly(true);
    m_text->setTabChangesFocus(true);
    m_text->setAccessibleName(tr("Text of the statement"));
    m_text->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    layout->addWidget(m_text, 1);
    return side;
}

QWidget *StatementDetails::planSide()
{
    auto *side = new QWidget(this);
    auto *layout = new QVBoxLayout(side);
    layout->setContentsMargins(4, 4, 8, 4);
    layout->addWidget(m_plansTitle);
    m_plansTitle->setBuddy(m_plans);
    m_plansTitle->setWordWrap(true);
    m_plans->setModel(m_planRows);
    m_plans->setAccessibleName(tr("Plans of the statement"));
    m_plans->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_plans->setSelectionMode(QAbstractItemView::SingleSelection);
    m_plans->setTabKeyNavigation(false);
    m_plans->setSortingEnabled(false);
    m_plans->setShowGrid(false);
    m_plans->setAlternatingRowColors(true);
    m_plans->verticalHeader()->hide();
    m_plans->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    m_plans->setContextMenuPolicy(Qt::CustomContextMenu);
    layout->addWidget(m_plans, 1);
    layout->addStretch(0); // keeps the title on top while there is no plan
    return side;
}

void StatementDetails::setRow(int row)
{
    const items::StatementItem *item = m_model->item(row);
    const qint64 statement = item ? item->id : 0;
    m_normalized = item ? item->text : QString();
    m_first = item ? item->firstText : QString();
    m_reason->setText(item ? tr("%1: %2").arg(item->verdict, item->reason) : QString());
    m_copy->setEnabled(item != nullptr);
    showText();
    const qint64 plans = item ? item->plans : 0;
    if (statement == m_statement && statement != 0 && plans == m_planCount)
        return;
    m_statement = statement;
    m_planCount = plans;
    if (!item) {
        m_planRows->clear();
        m_plansTitle->setText(tr("Choose a statement to see its plans"));
        m_plans->hide();
    } else {
        m_planRows->setQuery(m_model->plansSql(statement));
    }
    Q_EMIT busyChanged();
}

QString StatementDetails::shownText() const { return m_which->currentIndex() == 0 ? m_normalized : m_first; }

bool StatementDetails::isBusy() const { return m_planRows->isRunning(); }

void StatementDetails::showText()
{
    if (m_text->toPlainText() != shownText())
        m_text->setPlainText(shownText());
}

void StatementDetails::openPlan()
{
    const QModelIndex index = m_plans->currentIndex();
    if (index.isValid())
        Q_EMIT planChosen(m_planRows->value(index.row(), 0).toLongLong());
}

void StatementDetails::showPlanMenu(const QPoint &position)
{
    const QModelIndex index = m_plans->indexAt(position);
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(themedIcon(QStringLiteral("plan")), tr("&Open Plan"), this, &StatementDetails::openPlan)
        ->setEnabled(index.isValid());
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Table"), this,
        [this] { QApplication::clipboard()->setText(m_planRows->toText(QLatin1Char('\t'))); });
    menu->popup(m_plans->viewport()->mapToGlobal(position));
}

} // namespace tailscope::widgets
