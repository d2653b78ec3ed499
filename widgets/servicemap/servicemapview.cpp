// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/servicemap/servicemapview.h"

#include "base/text.h"
#include "items/serviceedgetable.h"
#include "items/servicemapmodel.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/searchbar.h"
#include "widgets/base/theme.h"
#include "widgets/servicemap/servicemapcanvas.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

using items::ServiceEdgeTable;

namespace {

QString count(std::int64_t n)
{
    const std::string text = groupedCount(n);
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

} // namespace

ServiceMapView::ServiceMapView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new items::ServiceMapModel(session, this))
    , m_edges(new ServiceEdgeTable(this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_banner(new Banner(this))
    , m_share(new QComboBox(this))
    , m_canvas(new ServiceMapCanvas(this))
    , m_table(new QTableView(this))
    , m_search(new SearchBar(this))
    , m_note(new ElidedLabel(this))
{
    setAccessibleName(tr("Service Map"));
    buildLayout();
    buildActions();
    connect(m_model, &items::ServiceMapModel::changed, this, &ServiceMapView::refresh);
    connect(m_model, &items::ServiceMapModel::busyChanged, this, &View::readyChanged);
    connect(m_empty, &EmptyState::buttonClicked, this, [this] {
        if (m_model->hasSpans())
            context()->resetNavigation();
        else
            Q_EMIT commandRequested(QStringLiteral("open"), {});
    });
    connect(m_canvas, &ServiceMapCanvas::narrowRequested, this, &ServiceMapView::narrow);
    connect(m_canvas, &ServiceMapCanvas::openRequested, this, &ServiceMapView::openTraces);
    connect(m_canvas, &ServiceMapCanvas::edgeOpenRequested, this, [this](int edge) {
        if (const auto map = m_model->map())
            openTraces(int(map->edges[std::size_t(edge)].callee));
    });
    connect(m_canvas, &ServiceMapCanvas::currentChanged, this, &ServiceMapView::followCanvas);
    connect(m_canvas, &ServiceMapCanvas::menuRequested, this, &ServiceMapView::showMenu);
    connect(m_canvas, &ServiceMapCanvas::hoverText, this, &View::statusText);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        &ServiceMapView::followTable);
    connect(m_table, &QTableView::activated, this, [this] {
        if (const auto map = m_model->map(); map && currentEdge() >= 0)
            narrow(int(map->edges[std::size_t(currentEdge())].callee));
    });
    connect(m_table, &QTableView::customContextMenuRequested, this,
        [this](const QPoint &at) { showMenu(m_table->viewport()->mapToGlobal(at)); });
    connect(m_share, &QComboBox::currentIndexChanged, this, &ServiceMapView::applyShare);
    connect(m_search, &SearchBar::changed, this, [this] { search(0); });
    connect(m_search, &SearchBar::nextRequested, this, [this] { search(1); });
    connect(m_search, &SearchBar::previousRequested, this, [this] { search(-1); });
    connect(m_search, &SearchBar::closed, this, [this] {
        m_canvas->setSearch({});
        m_canvas->setFocus();
    });
    setFocusProxy(m_canvas);
    refresh();
}

void ServiceMapView::buildLayout()
{
    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(6, 2, 6, 2);
    auto *label = new QLabel(tr("&Hide calls below"), page);
    label->setBuddy(m_share);
    for (const auto &[text, share] : {std::pair{tr("nothing"), 0.0}, {tr("0.1 % of all"), 0.001},
             {tr("1 % of all"), 0.01}, {tr("5 % of all"), 0.05}, {tr("20 % of all"), 0.2}})
        m_share->addItem(text, share);
    m_share->setAccessibleName(tr("Hide calls below"));
    m_share->setToolTip(tr("Edges with a smaller share of all calls, and services only they reach, are not "
                           "drawn; the table keeps them."));
    bar->addWidget(label);
    bar->addWidget(m_share);
    const auto button = [&](const char *icon, const QString &text, auto run) {
        auto *tool = new QToolButton(page);
        tool->setIcon(themedIcon(QString::fromLatin1(icon)));
        tool->setToolTip(text);
        tool->setAccessibleName(text);
        tool->setAutoRaise(true);
        connect(tool, &QToolButton::clicked, this, run);
        bar->addWidget(tool);
    };
    button("zoom-in", tr("Zoom In (+)"), [this] { m_canvas->zoomBy(1.2); });
    button("zoom-out", tr("Zoom Out (-)"), [this] { m_canvas->zoomBy(1 / 1.2); });
    button("fit", tr("Show All (Home)"), [this] { m_canvas->showAll(false); });
    bar->addSpacing(12);
    bar->addWidget(m_note, 1);
    layout->addLayout(bar);
    layout->addWidget(m_banner);
    m_search->hide();
    layout->addWidget(m_search);
    auto *splitter = new QSplitter(Qt::Vertical, page);
    splitter->addWidget(m_canvas);
    splitter->addWidget(m_table);
    splitter->setStretchFactor(0, 5);
    splitter->setStretchFactor(1, 2);
    splitter->setChildrenCollapsible(false);
    layout->addWidget(splitter, 1);

    m_table->setModel(m_edges);
    m_table->setItemDelegate(
        new BarDelegate(ServiceEdgeTable::BarRole, ServiceEdgeTable::LevelRole, m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setAlternatingRowColors(true);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setAccessibleName(tr("Calls between services"));
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(ServiceEdgeTable::Calls, Qt::DescendingOrder);
    m_table->setMinimumHeight(fontMetrics().height() * 5);

    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(page);
    outer->addWidget(m_stack);
}

void ServiceMapView::buildActions()
{
    auto *copy = new QAction(tr("Copy Rows"), m_table);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &ServiceMapView::copyRows);
    m_table->addAction(copy);
    auto *all = new QAction(themedIcon(QStringLiteral("fit")), tr("Show &All"), this);
    connect(all, &QAction::triggered, this, [this] { m_canvas->showAll(false); });
    auto *copyAll = new QAction(themedIcon(QStringLiteral("copy")), tr("&Copy All Calls"), this);
    connect(copyAll, &QAction::triggered, this, [this] {
        m_table->clearSelection();
        copyRows();
    });
    m_actions = {all, copyAll};
}

QString ServiceMapView::showSql() const { return m_model->sql(); }

QJsonObject ServiceMapView::saveState() const
{
    return {{QStringLiteral("leastShare"), m_share->currentData().toDouble()}};
}

void ServiceMapView::restoreState(const QJsonObject &state)
{
    const double share = state.value(QStringLiteral("leastShare")).toDouble();
    for (int i = 0; i < m_share->count(); ++i) {
        if (qFuzzyCompare(1 + m_share->itemData(i).toDouble(), 1 + share))
            m_share->setCurrentIndex(i);
    }
}

bool ServiceMapView::isReady() const { return !m_model->isBusy() && !session()->isLoading(); }

void ServiceMapView::startSearch() { m_search->activate(); }

void ServiceMapView::zoomBy(double factor) { m_canvas->zoomBy(factor); }

void ServiceMapView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void ServiceMapView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

void ServiceMapView::refresh()
{
    const auto map = m_model->map();
    m_isFollowing = true;
    m_edges->setMap(map);
    m_isFollowing = false;
    if (!map || map->nodes.empty() || !m_model->error().isEmpty()) {
        showEmpty();
        m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
    applyShare();
    if (!m_fitted && m_edges->rowCount() > 0) {
        m_fitted = true;
        m_table->resizeColumnsToContents();
        for (int c = 0; c < m_edges->columnCount(); ++c)
            m_table->setColumnWidth(c, std::clamp(m_table->columnWidth(c), 70, 260));
    }
    updateNote();
    if (m_search->isVisible())
        search(0);
}

void ServiceMapView::showEmpty()
{
    if (!m_model->error().isEmpty())
        m_empty->setContent(QStringLiteral("critical"), tr("The Map Could Not Be Made"), m_model->error());
    else if (!m_model->hasSpans())
        m_empty->setContent(QStringLiteral("servicemap"), tr("No Traces"),
            tr("Open traces of several services (OTLP, Jaeger, Zipkin): the calls between them are drawn "
               "here."),
            tr("Open Files…"));
    else if (!m_model->map())
        m_empty->setContent(QStringLiteral("servicemap"), tr("Reading the Calls…"),
            tr("The map appears when the calls of all traces are counted."));
    else if (m_model->map()->spans == 0 && context()->filterText().isEmpty() && !context()->range())
        m_empty->setContent(QStringLiteral("servicemap"), tr("No Service Names"),
            tr("The spans name no service (service.name), so there is nothing to join. Traces of OTLP, "
               "Jaeger and Zipkin do."));
    else
        m_empty->setContent(QStringLiteral("filter"), tr("Nothing Passes the Filter"),
            tr("No span of a service lies in the range and passes the filter."), tr("Show Everything"));
}

void ServiceMapView::updateNote()
{
    const auto map = m_model->map();
    QStringList parts{tr("%n service(s)", nullptr,
                          int(std::count_if(map->nodes.begin(), map->nodes.end(),
                              [](const analysis::ServiceNode &node) { return node.hasSpans; }))),
        tr("%1 calls").arg(count(map->calls))};
    if (map->weighted)
        parts << tr("weighted by sampling");
    if (map->unnamed > 0)
        parts << tr("%1 calls whose attributes name no remote are not drawn").arg(count(map->unnamed));
    if (map->unread > 0)
        parts << tr("%1 calls past the bound of look-ups are not drawn").arg(count(map->unread));
    parts << tr("dashed: the caller does not wait; orange: errors; red: 5 % errors or more");
    m_note->setText(parts.join(QStringLiteral(" · ")));
    if (map->edges.empty())
        m_banner->show(Banner::Level::Info,
            tr("No service calls another one here: each one's spans have their parents in the same "
               "service."));
    else
        m_banner->clear();
}

void ServiceMapView::applyShare()
{
    if (const auto map = m_model->map()) {
        m_isFollowing = true;
        m_canvas->setMap(map, items::shownServices(*map, m_share->currentData().toDouble()));
        m_isFollowing = false;
    }
}

void ServiceMapView::search(int step)
{
    m_canvas->setSearch(m_search->text().isEmpty() ? QRegularExpression() : m_search->expression());
    m_search->setResultText(
        m_search->text().isEmpty() ? QString() : tr("%n match(es)", nullptr, m_canvas->matches()));
    m_canvas->showMatch(step);
}

void ServiceMapView::narrow(int node)
{
    const QString terms = m_model->filterTerms(std::uint32_t(node));
    if (!terms.isEmpty())
        context()->narrow(terms);
}

void ServiceMapView::openTraces(int node)
{
    narrow(node);
    Q_EMIT openViewRequested(QStringLiteral("traces"));
}

int ServiceMapView::currentEdge() const
{
    const QModelIndex index = m_table->currentIndex();
    return index.isValid() ? m_edges->edgeAt(index.row()) : -1;
}

int ServiceMapView::currentNode() const
{
    const auto map = m_model->map();
    if (!map)
        return -1;
    if (m_canvas->current().node >= 0 && !m_table->hasFocus())
        return m_canvas->current().node;
    const int edge = m_canvas->current().edge >= 0 ? m_canvas->current().edge : currentEdge();
    return edge >= 0 ? int(map->edges[std::size_t(edge)].callee) : -1;
}

void ServiceMapView::followTable()
{
    if (!m_isFollowing && currentEdge() >= 0) {
        m_isFollowing = true;
        m_canvas->setCurrent({-1, currentEdge()}, true);
        m_isFollowing = false;
    }
}

void ServiceMapView::followCanvas()
{
    const int row = m_edges->rowOfEdge(m_canvas->current().edge);
    if (!m_isFollowing && row >= 0) {
        m_isFollowing = true;
        m_table->selectRow(row);
        m_isFollowing = false;
    }
}

void ServiceMapView::showMenu(const QPoint &globalPosition)
{
    const int node = currentNode();
    const bool canNarrow = node >= 0 && !m_model->filterTerms(std::uint32_t(node)).isEmpty();
    const auto map = m_model->map();
    const QString name = node >= 0 && map ? items::serviceTitle(map->nodes[std::size_t(node)]) : QString();
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(themedIcon(QStringLiteral("filter")),
            name.isEmpty() ? tr("&Filter to This") : tr("&Filter to %1").arg(name), this,
            [this, node] { narrow(node); })
        ->setEnabled(canNarrow);
    menu->addAction(tr("Show &Traces"), this, [this, node] { openTraces(node); })->setEnabled(canNarrow);
    menu->addAction(tr("Show &Distribution"), this,
            [this, node] {
                narrow(node);
                Q_EMIT openViewRequested(QStringLiteral("distribution"));
            })
        ->setEnabled(canNarrow);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("Copy &Name"), this,
            [name] { QApplication::clipboard()->setText(name); })
        ->setEnabled(!name.isEmpty());
    menu->addAction(tr("&Copy Rows"), this, &ServiceMapView::copyRows);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(showSql()); });
    menu->popup(globalPosition);
}

void ServiceMapView::copyRows()
{
    QList<int> rows;
    for (const QModelIndex &index : m_table->selectionModel()->selectedRows())
        rows << index.row();
    std::sort(rows.begin(), rows.end());
    if (rows.isEmpty()) {
        for (int row = 0; row < m_edges->rowCount(); ++row)
            rows << row;
    }
    QApplication::clipboard()->setText(m_edges->toText(rows));
}

} // namespace tailscope::widgets
