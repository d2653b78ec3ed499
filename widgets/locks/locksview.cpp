// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/locks/locksview.h"

#include "base/text.h"
#include "items/lockmodel.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"
#include "widgets/locks/deadlockcanvas.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFontDatabase>
#include <QHeaderView>
#include <QMenu>
#include <QPlainTextEdit>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

using items::CellTable;
using items::LockModel;

namespace {

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }
QString count(std::size_t n) { return fromUtf8(groupedCount(std::int64_t(n))); }

} // namespace

LocksView::LocksView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new LockModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_note(new ElidedLabel(this))
    , m_waitNote(new ElidedLabel(this))
    , m_pairs(new QTableView(this))
    , m_deadlocks(new QTableView(this))
    , m_processes(new QTableView(this))
    , m_waits(new QTableView(this))
    , m_canvas(new DeadlockCanvas(this))
    , m_statements(new QPlainTextEdit(this))
{
    setAccessibleName(tr("Deadlocks and Locks"));
    buildLayout();
    connectAll();
    setFocusProxy(m_pairs);
    refresh();
}

void LocksView::setUpTable(QTableView *table, CellTable *model, const QString &name)
{
    table->setModel(model);
    table->setItemDelegate(new BarDelegate(CellTable::BarRole, CellTable::LevelRole, table));
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(
        table == m_waits ? QAbstractItemView::ExtendedSelection : QAbstractItemView::SingleSelection);
    table->setAlternatingRowColors(true);
    table->setFrameShape(QFrame::NoFrame);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->setAccessibleName(name);
    table->setContextMenuPolicy(Qt::CustomContextMenu);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setStretchLastSection(true);
    auto *copy = new QAction(tr("Copy Rows"), table);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, [this, table] { copyRows(table); });
    table->addAction(copy);
    connect(table, &QTableView::customContextMenuRequested, this,
        [this, table](const QPoint &position) { showMenu(table, table->viewport()->mapToGlobal(position)); });
}

QWidget *LocksView::buildCycle()
{
    m_statements->setReadOnly(true);
    m_statements->setFrameShape(QFrame::NoFrame);
    m_statements->setAccessibleName(tr("Statements of the deadlock in full"));
    m_statements->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_statements->setTabChangesFocus(true);
    auto *cycle = new QSplitter(Qt::Vertical, this);
    for (QWidget *part : {static_cast<QWidget *>(m_canvas), static_cast<QWidget *>(m_processes),
             static_cast<QWidget *>(m_statements)})
        cycle->addWidget(part);
    cycle->setSizes({280, 90, 120});
    cycle->setChildrenCollapsible(false);
    return cycle;
}

void LocksView::buildLayout()
{
    setUpTable(m_pairs, m_model->pairs(), tr("Deadlocks by statements"));
    setUpTable(m_deadlocks, m_model->deadlocks(), tr("Deadlocks"));
    setUpTable(m_processes, m_model->processes(), tr("Processes of the chosen deadlock"));
    setUpTable(m_waits, m_model->waits(), tr("Waits for locks"));
    auto *upper = new QSplitter(Qt::Horizontal, this);
    upper->addWidget(m_deadlocks);
    upper->addWidget(buildCycle());
    upper->setSizes({460, 740});
    auto *waits = new QWidget(this);
    auto *waitLayout = new QVBoxLayout(waits);
    waitLayout->setContentsMargins(0, 0, 0, 0);
    waitLayout->setSpacing(0);
    m_waitNote->setContentsMargins(8, 4, 8, 4);
    waitLayout->addWidget(m_waitNote);
    waitLayout->addWidget(m_waits, 1);
    auto *whole = new QSplitter(Qt::Vertical, this);
    whole->addWidget(m_pairs);
    whole->addWidget(upper);
    whole->addWidget(waits);
    whole->setSizes({130, 460, 170});
    for (QSplitter *each : {upper, whole})
        each->setChildrenCollapsible(false);

    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_note->setContentsMargins(8, 4, 8, 4);
    layout->addWidget(m_note);
    layout->addWidget(whole, 1);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(page);
    outer->addWidget(m_stack);
}

void LocksView::connectAll()
{
    connect(m_model, &LockModel::changed, this, &LocksView::refresh);
    connect(m_model, &LockModel::currentChanged, this, &LocksView::showCurrent);
    connect(m_model, &LockModel::busyChanged, this, &View::readyChanged);
    connect(m_empty, &EmptyState::buttonClicked, this, [this] {
        if (m_model->overview() && m_model->overview()->any)
            context()->setRange(std::nullopt);
        else
            Q_EMIT commandRequested(QStringLiteral("open"), {});
    });
    connect(m_pairs->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        const QModelIndexList rows = m_pairs->selectionModel()->selectedRows();
        m_model->choosePair(rows.isEmpty() ? -1 : m_model->pairs()->idAt(rows.first().row()));
    });
    connect(m_deadlocks->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        [this](const QModelIndex &index) {
            if (index.isValid())
                m_model->chooseDeadlock(m_model->deadlocks()->idAt(index.row()));
        });
    for (QTableView *table : {m_pairs, m_deadlocks, m_waits})
        connect(table, &QTableView::activated, this, [this, table] { selectTime(table); });
    connect(m_canvas, &DeadlockCanvas::copyRequested, this, &LocksView::copyCycle);
    connect(m_canvas, &DeadlockCanvas::menuRequested, this,
        [this](const QPoint &position) { showMenu(nullptr, position); });
    connect(m_canvas, &DeadlockCanvas::currentChanged, this,
        [this] { m_processes->selectRow(m_canvas->current()); });
    connect(m_processes->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        [this](const QModelIndex &index) {
            if (index.isValid())
                m_canvas->setCurrent(index.row());
        });
    m_pairs->setSortingEnabled(true);
    m_pairs->sortByColumn(LockModel::PairCount, Qt::DescendingOrder);
    m_deadlocks->setSortingEnabled(true);
    m_deadlocks->sortByColumn(LockModel::DeadlockTime, Qt::DescendingOrder);
    m_waits->setSortingEnabled(true);
    m_waits->sortByColumn(LockModel::WaitMs, Qt::DescendingOrder);
}

QString LocksView::showSql() const { return m_waits->hasFocus() ? m_model->waitSql() : m_model->sql(); }

bool LocksView::isReady() const { return !m_model->isBusy() && !session()->isLoading(); }

QString LocksView::statementText() const { return m_statements->toPlainText(); }

void LocksView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void LocksView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

void LocksView::refresh()
{
    const auto overview = m_model->overview();
    if (!overview || (overview->deadlocks.empty() && overview->waits.empty())) {
        showEmpty();
        m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
    QStringList parts{overview->deadlocks.empty()
            ? tr("No deadlock. The server always logs deadlocks.")
            : tr("Deadlocks: %1, by statements: %2")
                  .arg(count(overview->deadlocks.size()), count(std::size_t(m_model->pairs()->rowCount())))};
    if (overview->deadlocksCut)
        parts << tr("older ones are not listed");
    m_note->setText(parts.join(QStringLiteral(" · ")));
    m_waitNote->setText(overview->waits.empty()
            ? tr("No waits for locks. With log_lock_waits = on the log tells waits over deadlock_timeout "
                 "(usually 1 s).")
            : tr("%1 waits for locks, longest first%2")
                  .arg(count(overview->waits.size()),
                      overview->waitsCut ? tr("; shorter ones are not listed") : QString()));
    if (m_fitted)
        return;
    m_fitted = true;
    const int time
        = fontMetrics().horizontalAdvance(QStringLiteral("2026-03-02 12:00:00.123456789 UTC")) + 16;
    const int word = fontMetrics().horizontalAdvance(QStringLiteral("ShareRowExclusiveLock")) + 20;
    m_pairs->horizontalHeader()->setStretchLastSection(false);
    m_pairs->horizontalHeader()->setSectionResizeMode(LockModel::PairStatements, QHeaderView::Stretch);
    m_pairs->setColumnWidth(LockModel::PairCount, 90);
    m_pairs->setColumnWidth(LockModel::PairRelations, word);
    for (const int column : {int(LockModel::PairFirst), int(LockModel::PairLast)})
        m_pairs->setColumnWidth(column, time);
    m_deadlocks->setColumnWidth(LockModel::DeadlockTime, time);
    m_deadlocks->setColumnWidth(LockModel::DeadlockProcesses, word);
    for (const int column :
        {int(LockModel::ProcessMode), int(LockModel::ProcessLock), int(LockModel::ProcessRelation)})
        m_processes->setColumnWidth(column, word);
    m_waits->setColumnWidth(LockModel::WaitTime, time);
    m_waits->setColumnWidth(LockModel::WaitMode, word);
    m_waits->setColumnWidth(LockModel::WaitRelation, word);
}

void LocksView::showEmpty()
{
    const auto overview = m_model->overview();
    if (!m_model->errorText().isEmpty())
        m_empty->setContent(QStringLiteral("critical"), tr("Locks Could Not Be Read"), m_model->errorText());
    else if (!overview)
        m_empty->setContent(QStringLiteral("report"), tr("Reading Deadlocks…"),
            tr("The tables appear when all are read."));
    else if (!overview->any)
        m_empty->setContent(QStringLiteral("report"), tr("No Deadlocks and No Waits"),
            tr("Open a log of PostgreSQL: deadlocks are always logged; log_lock_waits = on adds waits over "
               "deadlock_timeout."),
            tr("Open Files…"));
    else
        m_empty->setContent(QStringLiteral("filter"), tr("None in This Range"),
            tr("There are deadlocks or waits for locks, none of them in the chosen time."),
            tr("Show All Times"));
}

void LocksView::showCurrent()
{
    const items::Deadlock *deadlock = m_model->current();
    m_canvas->setDeadlock(deadlock ? std::optional(*deadlock) : std::nullopt);
    m_statements->setPlainText(deadlock ? fromUtf8(deadlock->toText()) : QString());
}

void LocksView::selectTime(QTableView *table)
{
    const QModelIndex index = table->currentIndex();
    if (!index.isValid())
        return;
    constexpr Nanos kAround = 5 * kNanosPerSecond;
    if (table == m_pairs) {
        if (const auto range = m_model->timeOfPair(m_model->pairs()->idAt(index.row())))
            context()->setRange(range);
    } else if (table == m_waits) {
        const items::LockWait &wait = m_model->wait(m_model->waits()->idAt(index.row()));
        if (wait.ts)
            context()->setRange(TimeRange{*wait.ts - Nanos(wait.waitedMs.value_or(0) * 1e6), *wait.ts + 1});
    } else if (const items::Deadlock *deadlock = m_model->current(); deadlock && deadlock->ts) {
        context()->setRange(TimeRange{*deadlock->ts - kAround, *deadlock->ts + kAround});
    }
}

void LocksView::copyRows(QTableView *table)
{
    QList<int> rows;
    for (const QModelIndex &index : table->selectionModel()->selectedRows())
        rows << index.row();
    std::sort(rows.begin(), rows.end());
    if (rows.isEmpty()) {
        for (int row = 0; row < table->model()->rowCount(); ++row)
            rows << row;
    }
    QApplication::clipboard()->setText(static_cast<CellTable *>(table->model())->toText(rows));
}

void LocksView::copyCycle()
{
    if (const items::Deadlock *deadlock = m_model->current())
        QApplication::clipboard()->setText(fromUtf8(deadlock->toText()));
}

void LocksView::showMenu(QTableView *table, const QPoint &globalPosition)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (table && table != m_processes)
        menu->addAction(tr("&Narrow to Its Time"), this, [this, table] { selectTime(table); })
            ->setEnabled(table->currentIndex().isValid());
    if (table == m_pairs)
        menu->addAction(tr("Show Deadlocks of &All Statements"), m_pairs, &QTableView::clearSelection);
    if (table)
        menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Rows"), this,
            [this, table] { copyRows(table); });
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("Copy the Deadlock as &Text"), this,
            &LocksView::copyCycle)
        ->setEnabled(m_model->current() != nullptr);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this, table] { Q_EMIT sqlRequested(table == m_waits ? m_model->waitSql() : m_model->sql()); });
    menu->popup(globalPosition);
}

} // namespace tailscope::widgets
