// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/sessions/sessionsview.h"

#include "base/text.h"
#include "items/sessionhistory.h"
#include "items/sessionmodel.h"
#include "session/playback.h"
#include "session/session.h"
#include "widgets/base/celltableview.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"
#include "widgets/sessions/sessiontones.h"
#include "widgets/sessions/timestrip.h"

#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QFontDatabase>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

using items::SessionModel;

namespace {

constexpr int kLeastQuery = 320;

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

} // namespace

SessionsView::SessionsView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new SessionModel(session, this))
    , m_history(new items::SessionHistory(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_banner(new Banner(this))
    , m_search(new QLineEdit(this))
    , m_onlyActive(new QCheckBox(tr("&Active"), this))
    , m_onlyWaiting(new QCheckBox(tr("&Waiting"), this))
    , m_onlyInTransaction(new QCheckBox(tr("In &Transaction"), this))
    , m_background(new QCheckBox(tr("&Background"), this))
    , m_group(new QComboBox(this))
    , m_note(new ElidedLabel(this))
    , m_groups(new CellTableView(m_model->groups(), tr("Sessions by group"), this))
    , m_table(new QTableView(this))
    , m_title(new QLabel(this))
    , m_query(new QPlainTextEdit(this))
    , m_copyQuery(new QPushButton(themedIcon(QStringLiteral("copy")), tr("&Copy Query"), this))
    , m_explain(new QPushButton(themedIcon(QStringLiteral("plan")), tr("E&xplain…"), this))
    , m_strip(new TimeStrip(session->context(), this))
{
    setAccessibleName(tr("Sessions"));
    buildTable();
    buildLayout();
    createActions();
    connectAll();
    setFocusProxy(m_table);
    refresh();
}

QWidget *SessionsView::buildBar()
{
    auto *bar = new QWidget(this);
    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(8, 4, 8, 4);
    m_search->setPlaceholderText(tr("Search sessions"));
    m_search->setAccessibleName(tr("Search sessions"));
    m_search->setToolTip(tr("Words of any column: user, database, application, state, wait, query"));
    m_search->setClearButtonEnabled(true);
    m_search->setMinimumWidth(120);
    m_search->setMaximumWidth(260);
    m_onlyActive->setToolTip(tr("Only sessions at work or waiting for something"));
    m_onlyWaiting->setToolTip(tr("Only active sessions that wait"));
    m_onlyInTransaction->setToolTip(tr("Only sessions with an open transaction"));
    m_background->setToolTip(tr("The server's own processes too"));
    m_group->setAccessibleName(tr("Count by"));
    m_group->setToolTip(tr("Sessions counted by a column; a row of the counts narrows the table"));
    m_group->addItem(tr("Do not count"), -1);
    for (const int column : {SessionModel::Application, SessionModel::User, SessionModel::State,
             SessionModel::Database, SessionModel::Wait, SessionModel::Client})
        m_group->addItem(tr("By %1").arg(m_model->headerData(column, Qt::Horizontal).toString()), column);
    for (QWidget *part : {static_cast<QWidget *>(m_search), static_cast<QWidget *>(m_onlyActive),
             static_cast<QWidget *>(m_onlyWaiting), static_cast<QWidget *>(m_onlyInTransaction),
             static_cast<QWidget *>(m_background), static_cast<QWidget *>(m_group)})
        layout->addWidget(part);
    layout->addWidget(m_note, 1);
    return bar;
}

void SessionsView::buildTable()
{
    m_table->setModel(m_model);
    m_table->setItemDelegate(new SessionDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setAlternatingRowColors(true);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setAccessibleName(tr("Sessions"));
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    m_table->horizontalHeader()->setHighlightSections(false);
    QHeaderView *header = m_table->horizontalHeader();
    header->setSectionsMovable(true);
    // What a session does, what it waits for and since when is looked for first; the query is as wide as
    // there is room.
    int place = 0;
    for (const int column : {SessionModel::Server, SessionModel::Pid, SessionModel::State, SessionModel::Wait,
             SessionModel::Query, SessionModel::TransactionAge, SessionModel::QueryAge,
             SessionModel::BlockedBy, SessionModel::Blocks})
        header->moveSection(header->visualIndex(column), place++);
    m_table->viewport()->installEventFilter(this);
    // The oldest transaction first: that is who holds others up.
    m_table->horizontalHeader()->setSortIndicator(SessionModel::TransactionAge, Qt::DescendingOrder);
    m_table->setSortingEnabled(true);
}

QWidget *SessionsView::buildDetails()
{
    auto *left = new QWidget(this);
    auto *layout = new QVBoxLayout(left);
    layout->setContentsMargins(8, 4, 8, 4);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_title->setAccessibleName(tr("The chosen session"));
    m_title->setWordWrap(true);
    m_title->setMinimumWidth(50);
    m_query->setReadOnly(true);
    m_query->setAccessibleName(tr("Query of the chosen session"));
    m_query->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_query->setPlaceholderText(tr("Choose a session"));
    m_query->setTabChangesFocus(true);
    m_explain->setToolTip(tr("Ask the server for the plan of this statement, on a connection of its own"));
    layout->addWidget(m_title);
    layout->addWidget(m_query, 1);
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(m_copyQuery);
    buttons->addWidget(m_explain);
    buttons->addStretch(1);
    layout->addLayout(buttons);
    m_strip->setAccessibleName(tr("What the chosen session did"));
    auto *splitter = new QSplitter(Qt::Vertical, this);
    splitter->addWidget(m_strip);
    splitter->addWidget(left);
    splitter->setSizes({84, 150});
    splitter->setChildrenCollapsible(false);
    return splitter;
}

void SessionsView::buildLayout()
{
    m_upper = new QSplitter(Qt::Horizontal, this);
    m_upper->addWidget(m_groups);
    m_upper->addWidget(m_table);
    m_upper->setStretchFactor(1, 1);
    m_upper->setSizes({420, 900});
    m_upper->setChildrenCollapsible(false);
    m_groups->hide();
    auto *splitter = new QSplitter(Qt::Vertical, this);
    splitter->addWidget(m_upper);
    splitter->addWidget(buildDetails());
    splitter->setSizes({480, 240});
    splitter->setStretchFactor(0, 1);
    splitter->setChildrenCollapsible(false);
    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_banner);
    layout->addWidget(buildBar());
    layout->addWidget(splitter, 1);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(page);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);
}

void SessionsView::connectAll()
{
    connect(m_model, &SessionModel::changed, this, &SessionsView::refresh);
    connect(m_model, &SessionModel::busyChanged, this, &View::readyChanged);
    connect(m_history, &items::SessionHistory::changed, this, &SessionsView::showHistory);
    connect(m_search, &QLineEdit::textChanged, this, &SessionsView::applyFilter);
    for (QCheckBox *box : {m_onlyActive, m_onlyWaiting, m_onlyInTransaction, m_background})
        connect(box, &QCheckBox::toggled, this, &SessionsView::applyFilter);
    connect(m_group, &QComboBox::currentIndexChanged, this, &SessionsView::groupChosen);
    connect(m_groups, &CellTableView::currentIdChanged, this, &SessionsView::applyFilter);
    connect(m_groups, &CellTableView::sqlRequested, this, [this] { Q_EMIT sqlRequested(showSql()); });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        &SessionsView::chosenByUser);
    connect(m_table, &QTableView::customContextMenuRequested, this, &SessionsView::showMenu);
    connect(m_table, &QTableView::activated, this, &SessionsView::openStatement);
    connect(m_copyQuery, &QPushButton::clicked, this, [this] { m_actions.first()->trigger(); });
    connect(m_explain, &QPushButton::clicked, this, &SessionsView::explain);
    connect(m_strip, &TimeStrip::momentChosen, session()->playback(), &session::Playback::hold);
    connect(m_strip, &TimeStrip::readoutChanged, this, &View::statusText);
    connect(context(), &session::SessionContext::selectionChanged, this, &SessionsView::followSelection);
    connect(m_empty, &EmptyState::buttonClicked, this,
        [this] { Q_EMIT commandRequested(QStringLiteral("open"), {}); });
}

QString SessionsView::showSql() const { return m_model->sql(); }
QString SessionsView::noteText() const { return m_note->text(); }
bool SessionsView::isReady() const
{
    return !m_model->isBusy() && !m_history->isBusy() && !session()->isLoading();
}
void SessionsView::startSearch()
{
    m_search->setFocus();
    m_search->selectAll();
}

QJsonObject SessionsView::saveState() const
{
    return {{QStringLiteral("search"), m_search->text()},
        {QStringLiteral("active"), m_onlyActive->isChecked()},
        {QStringLiteral("waiting"), m_onlyWaiting->isChecked()},
        {QStringLiteral("transaction"), m_onlyInTransaction->isChecked()},
        {QStringLiteral("background"), m_background->isChecked()},
        {QStringLiteral("group"), m_group->currentData().toInt()}};
}

void SessionsView::restoreState(const QJsonObject &state)
{
    m_search->setText(state.value(QStringLiteral("search")).toString());
    m_onlyActive->setChecked(state.value(QStringLiteral("active")).toBool());
    m_onlyWaiting->setChecked(state.value(QStringLiteral("waiting")).toBool());
    m_onlyInTransaction->setChecked(state.value(QStringLiteral("transaction")).toBool());
    m_background->setChecked(state.value(QStringLiteral("background")).toBool());
    const int group = m_group->findData(state.value(QStringLiteral("group")).toInt(-1));
    m_group->setCurrentIndex(std::max(0, group));
}

void SessionsView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void SessionsView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

void SessionsView::applyFilter()
{
    items::SessionFilter filter;
    filter.words = m_search->text();
    filter.onlyActive = m_onlyActive->isChecked();
    filter.onlyWaiting = m_onlyWaiting->isChecked();
    filter.onlyInTransaction = m_onlyInTransaction->isChecked();
    filter.withBackground = m_background->isChecked();
    if (m_groups->currentId() >= 0 && m_model->groupColumn() >= 0) {
        filter.groupColumn = m_model->groupColumn();
        filter.groupValue = m_model->groupValue(m_groups->currentId());
    } else if (m_model->groupColumn() >= 0 && m_model->filter().groupColumn == m_model->groupColumn()
        && sender() != m_group) {
        // The counts were made again: the choice stays.
        filter.groupColumn = m_model->filter().groupColumn;
        filter.groupValue = m_model->filter().groupValue;
    }
    m_model->setFilter(filter);
}

void SessionsView::groupChosen()
{
    const int column = m_group->currentData().toInt();
    m_model->setGroupColumn(column);
    m_groups->setVisible(column >= 0);
    applyFilter();
}

void SessionsView::refresh()
{
    if (!m_model->hasAny()) {
        showEmpty();
        m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
    const auto list = m_model->list();
    m_table->setColumnHidden(SessionModel::Server, list->servers.size() < 2);
    fitColumns();
    QStringList parts{tr("%1 of %2 sessions").arg(m_model->rowCount()).arg(list->items.size())};
    for (const SessionModel::Connections &connections : m_model->connections())
        parts << connections.text;
    parts << m_model->momentText();
    parts.removeAll(QString());
    m_note->setText(parts.join(QStringLiteral(", ")));
    if (m_model->filter().groupColumn >= 0) {
        // The counts were made again: the choice stays.
        const QSignalBlocker blocker(m_groups);
        for (int row = 0; row < m_model->groups()->rowCount(); ++row) {
            const qint64 id = m_model->groups()->idAt(row);
            if (m_model->groupValue(id) == m_model->filter().groupValue)
                m_groups->selectId(id);
        }
    }
    showBanner();
    if (m_chosenPid == 0)
        followSelection();
    showDetails();
}

void SessionsView::fitColumns()
{
    if (!m_fitted && m_model->rowCount() > 0) {
        m_fitted = true;
        m_table->resizeColumnsToContents();
        for (int column = 0; column < SessionModel::ColumnCount; ++column)
            m_table->setColumnWidth(column, std::clamp(m_table->columnWidth(column) + 8, 48, 260));
        m_queryWidth = m_table->columnWidth(SessionModel::Query);
    }
    fitQuery();
}

/// The query takes what the others leave, until the user chooses its width.
void SessionsView::fitQuery()
{
    const int now = m_table->columnWidth(SessionModel::Query);
    if (!m_fitted || now != m_queryWidth)
        return;
    const int others = m_table->horizontalHeader()->length() - now;
    m_queryWidth = std::max(kLeastQuery, m_table->viewport()->width() - others);
    m_table->setColumnWidth(SessionModel::Query, m_queryWidth);
}

bool SessionsView::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_table->viewport() && event->type() == QEvent::Resize)
        fitQuery();
    return View::eventFilter(watched, event);
}

void SessionsView::showBanner()
{
    QStringList warnings;
    int level = 0;
    for (const SessionModel::Connections &connections : m_model->connections()) {
        if (connections.level > 0)
            warnings << connections.text + tr(": new ones are refused when none is left");
        level = std::max(level, connections.level);
    }
    if (const QString hidden = m_model->hiddenText(); !hidden.isEmpty())
        warnings << tr("Hidden from the role: %1").arg(hidden);
    if (!m_model->errorText().isEmpty())
        warnings << m_model->errorText();
    if (warnings.isEmpty())
        m_banner->clear();
    else
        m_banner->show(level >= 3 ? Banner::Level::Critical
                : level > 0       ? Banner::Level::Warning
                                  : Banner::Level::Info,
            warnings.join(QStringLiteral(". ")));
}

void SessionsView::showEmpty()
{
    if (!m_model->errorText().isEmpty())
        m_empty->setContent(QStringLiteral("critical"), tr("The Sessions Could Not Be Read"),
            m_model->errorText());
    else if (!m_model->list())
        m_empty->setContent(QStringLiteral("sessions"), tr("Reading the Sessions…"), {});
    else
        m_empty->setContent(QStringLiteral("sessions"), tr("No Sessions"),
            tr("Attach to a PostgreSQL server, record one with 'tailscope record', or open snapshots of "
               "pg_stat_activity (psql --csv, with now() as a column), for example the output of "
               "'tailscope catalog-sql'."),
            tr("Open Files…"));
}

int SessionsView::currentRow() const { return m_table->currentIndex().row(); }

void SessionsView::showDetails()
{
    const items::SessionItem *item = m_model->item(currentRow());
    m_copyQuery->setEnabled(item && item->row.statementId != 0);
    m_explain->setEnabled(item && item->row.statementId != 0);
    if (!item) {
        m_title->setText(tr("No session is chosen."));
        m_query->clear();
        m_strip->setContent(tr("Choose a session to see what it did"), {}, {});
        m_history->setTarget({}, 0, kUnknownNanos, kUnknownNanos);
        return;
    }
    const analysis::SessionRow &row = item->row;
    QStringList facts{tr("PID %1").arg(row.pid), items::toneWords(items::toneOf(row))};
    if (const QString wait = items::waitWords(row); !wait.isEmpty())
        facts << wait;
    for (const auto &[what, text] : {std::pair(tr("user"), row.user), {tr("database"), row.db},
             {tr("application"), row.application}, {tr("client"), row.client}}) {
        if (!text.empty())
            facts << QStringLiteral("%1 %2").arg(what, fromUtf8(text));
    }
    const int at = currentRow();
    if (!item->blockedBy.empty())
        facts << tr("blocked by %1").arg(m_model->cellText(at, SessionModel::BlockedBy));
    if (!item->blocks.empty())
        facts << tr("blocks %1").arg(m_model->cellText(at, SessionModel::Blocks));
    m_title->setText(facts.join(QStringLiteral(" · ")));
    const QString text = m_model->statementText(row.statementId);
    const QString shown = !text.isEmpty() ? text
        : items::toneOf(row) == items::SessionTone::Hidden
        ? tr("Hidden from the role: %1")
              .arg(m_model->hiddenText().isEmpty() ? tr("it needs pg_monitor") : m_model->hiddenText())
        : tr("No query is known of it.");
    if (m_query->toPlainText() != shown)
        m_query->setPlainText(shown);
    const auto list = m_model->list();
    const items::SessionServer &server = list->servers[item->server];
    m_history->setTarget(server.server, row.pid, row.backendStart, server.sampleNs);
    showHistory();
}

void SessionsView::showHistory()
{
    if (m_history->pid() == 0)
        return;
    QVector<StripBlock> blocks;
    for (const items::SessionStretch &stretch : m_history->stretches()) {
        StripBlock block;
        block.time = stretch.time;
        block.tone = stretch.tone;
        block.height = stretch.tone == items::SessionTone::Idle ? 0.35 : 1;
        block.text = stretch.wait.empty() || stretch.tone == items::SessionTone::Idle
            ? fromUtf8(stretch.state)
            : fromUtf8(stretch.wait);
        block.toolTip = tr("%1 for %2")
                            .arg(items::toneWords(stretch.tone)
                                    + (stretch.wait.empty() ? QString()
                                                            : QStringLiteral(", ") + fromUtf8(stretch.wait)),
                                QString::fromStdString(humanDuration(stretch.time.length())));
        if (const QString query = m_model->normalizedText(stretch.statementId); !query.isEmpty())
            block.toolTip += QLatin1Char('\n') + query.simplified().left(200);
        blocks << block;
    }
    m_strip->setContent(tr("What process %1 did; a click holds that moment").arg(m_history->pid()),
        m_history->window(), std::move(blocks));
    m_strip->setMoment(session()->playback()->moment());
}

void SessionsView::chosenByUser()
{
    showDetails();
    const items::SessionItem *item = m_model->item(currentRow());
    if (!item || m_following)
        return;
    const auto list = m_model->list();
    m_chosenPid = item->row.pid;
    context()->setSelection({session::Selection::Kind::Backend, item->row.pid,
        QString::number(list->servers[item->server].server.ids.front())});
}

/// What another view chose: a root of the blocking tree, a finding.
void SessionsView::followSelection()
{
    const session::Selection selection = context()->selection();
    if (selection.kind != session::Selection::Kind::Backend || !m_model->list())
        return;
    const int row = m_model->rowOf(selection.id, selection.text.toLongLong());
    if (row < 0 || row == currentRow())
        return;
    m_chosenPid = selection.id;
    m_following = true;
    m_table->selectRow(row);
    m_table->scrollTo(m_model->index(row, SessionModel::Pid));
    m_following = false;
}

} // namespace tailscope::widgets
