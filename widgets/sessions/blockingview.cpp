// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/sessions/blockingview.h"

#include "items/blockingmodel.h"
#include "items/sessionmodel.h"
#include "session/playback.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"
#include "widgets/sessions/timestrip.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFontDatabase>
#include <QHeaderView>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

using items::BlockingModel;

namespace {

void copy(const QString &text) { QApplication::clipboard()->setText(text); }

} // namespace

BlockingView::BlockingView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new BlockingModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_banner(new Banner(this))
    , m_note(new ElidedLabel(this))
    , m_strip(new TimeStrip(session->context(), this))
    , m_tree(new QTreeView(this))
    , m_treeStack(new QStackedWidget(this))
    , m_quiet(new QLabel(this))
    , m_query(new QPlainTextEdit(this))
{
    setAccessibleName(tr("Blocking"));
    buildTree();
    buildLayout();
    connectAll();
    setFocusProxy(m_tree);
    refresh();
}

void BlockingView::buildTree()
{
    m_tree->setModel(m_model);
    m_tree->setItemDelegate(new BarDelegate(BlockingModel::BarRole, BlockingModel::LevelRole, m_tree));
    m_tree->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_tree->setUniformRowHeights(true);
    m_tree->setAlternatingRowColors(true);
    m_tree->setFrameShape(QFrame::NoFrame);
    m_tree->setAllColumnsShowFocus(true);
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    m_tree->setAccessibleName(tr("Who blocks whom"));
    m_tree->header()->setStretchLastSection(true);
    auto *rows = new QAction(tr("Copy Tree"), m_tree);
    rows->setShortcut(QKeySequence::Copy);
    rows->setShortcutContext(Qt::WidgetShortcut);
    connect(rows, &QAction::triggered, this, &BlockingView::copyTree);
    m_tree->addAction(rows);
}

void BlockingView::buildLayout()
{
    m_note->setContentsMargins(8, 4, 8, 4);
    m_strip->setAccessibleName(tr("Blocked sessions over time"));
    m_quiet->setAlignment(Qt::AlignCenter);
    m_quiet->setWordWrap(true);
    m_treeStack->addWidget(m_quiet);
    m_treeStack->addWidget(m_tree);
    m_query->setReadOnly(true);
    m_query->setTabChangesFocus(true);
    m_query->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_query->setAccessibleName(tr("Query of the chosen session"));
    m_query->setPlaceholderText(tr("Choose a session to see its query"));
    auto *splitter = new QSplitter(Qt::Vertical, this);
    for (QWidget *part : {static_cast<QWidget *>(m_strip), static_cast<QWidget *>(m_treeStack),
             static_cast<QWidget *>(m_query)})
        splitter->addWidget(part);
    splitter->setSizes({110, 460, 110});
    splitter->setStretchFactor(1, 1);
    splitter->setChildrenCollapsible(false);
    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_banner);
    layout->addWidget(m_note);
    layout->addWidget(splitter, 1);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(page);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);
}

void BlockingView::connectAll()
{
    connect(m_model, &BlockingModel::changed, this, &BlockingView::refresh);
    connect(m_model, &BlockingModel::busyChanged, this, &View::readyChanged);
    connect(m_model, &QAbstractItemModel::modelAboutToBeReset, this, [this] {
        m_filling = true;
        m_place = m_tree->verticalScrollBar()->value();
    });
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        &BlockingView::chosenByUser);
    connect(m_tree, &QTreeView::collapsed, this,
        [this](const QModelIndex &index) { noteClosed(index, true); });
    connect(m_tree, &QTreeView::expanded, this,
        [this](const QModelIndex &index) { noteClosed(index, false); });
    connect(m_tree, &QTreeView::customContextMenuRequested, this, &BlockingView::showMenu);
    connect(m_tree, &QTreeView::activated, this, &BlockingView::openSession);
    connect(m_strip, &TimeStrip::momentChosen, session()->playback(), &session::Playback::hold);
    connect(m_strip, &TimeStrip::readoutChanged, this, &View::statusText);
    connect(context(), &session::SessionContext::selectionChanged, this, &BlockingView::followSelection);
    connect(m_empty, &EmptyState::buttonClicked, this,
        [this] { Q_EMIT commandRequested(QStringLiteral("open"), {}); });
}

QString BlockingView::showSql() const { return m_model->sql(); }
QString BlockingView::noteText() const { return m_note->text(); }
bool BlockingView::isReady() const { return !m_model->isBusy() && !session()->isLoading(); }

QJsonObject BlockingView::saveState() const
{
    return {{QStringLiteral("header"), QString::fromLatin1(m_tree->header()->saveState().toBase64())}};
}

void BlockingView::restoreState(const QJsonObject &state)
{
    const QByteArray header
        = QByteArray::fromBase64(state.value(QStringLiteral("header")).toString().toLatin1());
    if (!header.isEmpty())
        m_fitted = m_tree->header()->restoreState(header);
}

void BlockingView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void BlockingView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

void BlockingView::refresh()
{
    if (!m_filling) // the rows are those of before: an error, another way to write times
        m_place = m_tree->verticalScrollBar()->value();
    const auto content = m_model->content();
    if (!content || !content->hasAny) {
        showEmpty();
        m_stack->setCurrentIndex(0);
        m_filling = false;
        return;
    }
    m_stack->setCurrentIndex(1);
    m_note->setText(m_model->summary() + (m_model->momentText().isEmpty() ? QString() : QStringLiteral(", "))
        + m_model->momentText());
    if (!m_model->errorText().isEmpty())
        m_banner->show(Banner::Level::Warning, m_model->errorText());
    else
        m_banner->clear();
    const bool isQuiet = m_model->rowCount() == 0;
    m_quiet->setText(content->hasLocks
            ? tr("Nobody is blocked at this moment. Click a bar above to see a moment at which somebody was.")
            : tr("Nobody was seen to wait for a lock. Waits of less than a sample do not show."));
    m_treeStack->setCurrentIndex(isQuiet ? 0 : 1);
    expandOpen();
    m_tree->verticalScrollBar()->setValue(m_place);
    if (!m_fitted && !isQuiet) {
        m_fitted = true;
        for (int column = 0; column < BlockingModel::ColumnCount; ++column) {
            m_tree->resizeColumnToContents(column);
            m_tree->setColumnWidth(column,
                std::clamp(m_tree->columnWidth(column) + 12, column == 0 ? 140 : 48, 260));
        }
    }
    m_filling = false;
    followSelection();
    showDetails();
    showStrip();
}

/// Everything but what the user closed.
void BlockingView::expandOpen()
{
    m_tree->expandAll();
    std::erase_if(m_closed, [this](const std::pair<qint64, qint64> &one) {
        const QModelIndex index = m_model->indexOf(one.first, one.second);
        if (index.isValid())
            m_tree->collapse(index);
        return !index.isValid(); // another wait of it is another matter
    });
}

void BlockingView::noteClosed(const QModelIndex &index, bool isClosed)
{
    const BlockingModel::Place place = m_model->place(index);
    if (m_filling || place.pid == 0)
        return;
    if (isClosed)
        m_closed.insert({place.pid, place.server});
    else
        m_closed.erase({place.pid, place.server});
}

void BlockingView::showEmpty()
{
    if (!m_model->errorText().isEmpty())
        m_empty->setContent(QStringLiteral("critical"), tr("The Locks Could Not Be Read"),
            m_model->errorText());
    else if (!m_model->content())
        m_empty->setContent(QStringLiteral("blocking"), tr("Reading the Locks…"), {});
    else
        m_empty->setContent(QStringLiteral("blocking"), tr("No Sessions and No Locks"),
            tr("Attach to a PostgreSQL server, record one with 'tailscope record', or open snapshots of "
               "pg_locks "
               "joined with pg_blocking_pids(pid) beside those of pg_stat_activity, for example the output "
               "of "
               "'tailscope catalog-sql'. Waits that a server log tells of are under Locks."),
            tr("Open Files…"));
}

void BlockingView::showStrip()
{
    const auto content = m_model->content();
    int most = 0;
    for (const items::BlockedBin &bin : content->bins)
        most = std::max(most, bin.blocked.value_or(0));
    QVector<StripBlock> blocks;
    for (const items::BlockedBin &bin : content->bins) {
        if (!bin.blocked)
            continue;
        StripBlock block;
        block.time = bin.time;
        block.height = most > 0 ? double(*bin.blocked) / most : 0;
        block.tone = items::SessionTone::LockWait;
        block.toolTip = *bin.blocked == 0 ? tr("nobody blocked") : tr("%1 blocked at once").arg(*bin.blocked);
        block.moment = bin.worstAt;
        blocks << block;
    }
    m_strip->setContent(tr("Blocked sessions; a click holds that moment"), content->window, std::move(blocks),
        most > 0 ? tr("most: %1").arg(most) : QString());
    m_strip->setMoment(session()->playback()->moment());
}

void BlockingView::showDetails()
{
    const QString text = m_model->query(m_tree->currentIndex());
    const QString shown
        = !text.isEmpty() || !m_tree->currentIndex().isValid() ? text : tr("Its query is not in the data.");
    if (m_query->toPlainText() != shown)
        m_query->setPlainText(shown);
}

void BlockingView::chosenByUser()
{
    if (m_filling)
        return;
    showDetails();
    const BlockingModel::Place place = m_model->place(m_tree->currentIndex());
    m_followed = place.pid; // it is in sight; another one that is chosen elsewhere is scrolled to
    if (place.pid != 0)
        context()->setSelection(
            {session::Selection::Kind::Backend, place.pid, QString::number(place.server)});
}

void BlockingView::followSelection()
{
    const session::Selection selection = context()->selection();
    if (selection.kind != session::Selection::Kind::Backend || m_filling)
        return;
    if (m_model->place(m_tree->currentIndex()).pid == selection.id)
        return;
    const QModelIndex index = m_model->indexOf(selection.id, selection.text.toLongLong());
    if (!index.isValid())
        return;
    m_filling = true;
    // By itself the tree scrolls to what becomes the current one, and opens what the user closed above it.
    const bool scrolls = m_tree->hasAutoScroll();
    m_tree->setAutoScroll(false);
    m_tree->setCurrentIndex(index);
    m_tree->setAutoScroll(scrolls);
    // The rows are new ones several times a second: the user reads elsewhere meanwhile.
    if (selection.id != m_followed) {
        for (QModelIndex above = index.parent(); above.isValid(); above = above.parent()) {
            const BlockingModel::Place open = m_model->place(above);
            m_closed.erase({open.pid, open.server});
        }
        m_tree->scrollTo(index);
    }
    m_followed = selection.id;
    m_filling = false;
    showDetails();
}

void BlockingView::explain()
{
    const QModelIndex index = m_tree->currentIndex();
    const BlockingModel::Place place = m_model->place(index);
    if (place.statementId == 0)
        return;
    const QJsonObject what{{QStringLiteral("statement"), place.statementId},
        {QStringLiteral("user"), index.siblingAtColumn(BlockingModel::User).data().toString()}};
    Q_EMIT commandRequested(QStringLiteral("explain"),
        QString::fromUtf8(QJsonDocument(what).toJson(QJsonDocument::Compact)));
}

void BlockingView::openSession()
{
    if (m_model->place(m_tree->currentIndex()).pid != 0)
        Q_EMIT openViewRequested(QStringLiteral("sessions"));
}

void BlockingView::openStatement()
{
    const BlockingModel::Place place = m_model->place(m_tree->currentIndex());
    if (place.statementId == 0)
        return;
    context()->setSelection({session::Selection::Kind::Statement, place.statementId, {}});
    Q_EMIT openViewRequested(QStringLiteral("statements"));
}

void BlockingView::copyTree() { copy(m_model->toText(QLatin1Char('\t'))); }

void BlockingView::showMenu(const QPoint &position)
{
    const QModelIndex index = m_tree->currentIndex();
    const BlockingModel::Place place = m_model->place(index);
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setToolTipsVisible(true);
    menu->addAction(themedIcon(QStringLiteral("sessions")), tr("Show &Session"), this,
            &BlockingView::openSession)
        ->setEnabled(place.pid != 0);
    menu->addAction(themedIcon(QStringLiteral("plan")), tr("&Explain…"), this, &BlockingView::explain)
        ->setEnabled(!m_model->query(index).isEmpty());
    menu->addAction(themedIcon(QStringLiteral("statements")), tr("Open S&tatement"), this,
            &BlockingView::openStatement)
        ->setEnabled(place.statementId != 0);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Tree"), this, &BlockingView::copyTree);
    menu->addAction(tr("Copy Tree as CS&V"), this, [this] { copy(m_model->toText(QLatin1Char(','))); });
    menu->addAction(tr("Copy &Query"), this, [text = m_model->query(index)] { copy(text); })
        ->setEnabled(!m_model->query(index).isEmpty());
    menu->addSeparator();
    menu->addSection(tr("Text to run elsewhere; nothing is run from here"));
    auto *cancel = menu->addAction(tr("Copy \"%1\"").arg(items::cancelText(place.pid)), this,
        [pid = place.pid] { copy(items::cancelText(pid)); });
    cancel->setToolTip(tr("Ends the query that runs now; an idle session goes on holding its locks"));
    cancel->setEnabled(place.pid != 0);
    auto *terminate = menu->addAction(tr("Copy \"%1\"").arg(items::terminateText(place.pid)), this,
        [pid = place.pid] { copy(items::terminateText(pid)); });
    terminate->setToolTip(
        tr("Ends the session: its transaction is rolled back, the application sees a broken connection"));
    terminate->setEnabled(place.pid != 0);
    if (index.isValid() && place.pid == 0) {
        for (QAction *action : {cancel, terminate})
            action->setToolTip(tr("A prepared transaction has no process that could be told to end: see "
                                  "pg_prepared_xacts"));
    }
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(showSql()); });
    menu->popup(m_tree->viewport()->mapToGlobal(position));
}

} // namespace tailscope::widgets
