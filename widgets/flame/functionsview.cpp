// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/functionsview.h"

#include "base/text.h"
#include "items/flamemodelsql.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"
#include "widgets/flame/flamecanvas.h"
#include "widgets/flame/flamesource.h"
#include "widgets/flame/flametreescene.h"

#include <QBoxLayout>
#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QShortcut>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStackedWidget>
#include <QTreeView>

#include <algorithm>
#include <array>

namespace tailscope::widgets {

namespace {

using items::FunctionTable;

FlameWording wordingOf(bool isProfile, bool isCallers)
{
    FlameWording wording;
    wording.isProfile = isProfile;
    wording.isCallers = isCallers;
    return wording;
}

} // namespace

FunctionsView::FunctionsView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new items::FlameModel(session, this))
    , m_table(new FunctionTable(session, m_model, this))
    , m_sandwich(new items::Sandwich(session, this))
    , m_sorted(new QSortFilterProxyModel(this))
    , m_source(new FlameSource(session, m_model, this))
    , m_filter(new QLineEdit(this))
    , m_note(new ElidedLabel(this))
    , m_details(new ElidedLabel(this))
    , m_list(new QTreeView(this))
    , m_stack(new QStackedWidget(this))
    , m_splitter(new QSplitter(Qt::Horizontal, this))
    , m_empty(new EmptyState(this))
{
    setAccessibleName(tr("Functions"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(4, 3, 4, 3);
    bar->setSpacing(4);
    m_filter->setPlaceholderText(tr("Find a function"));
    m_filter->setAccessibleName(tr("Find a function"));
    m_filter->setToolTip(tr("Functions whose name contains this (Ctrl+F)"));
    m_filter->setClearButtonEnabled(true);
    bar->addWidget(m_source, 3);
    bar->addWidget(m_filter, 2);
    bar->addWidget(m_note, 3);
    layout->addLayout(bar);
    m_sorted->setSourceModel(m_table);
    m_sorted->setSortRole(FunctionTable::SortRole);
    m_sorted->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_sorted->setFilterKeyColumn(FunctionTable::Function);
    m_list->setModel(m_sorted);
    m_list->setAccessibleName(tr("Functions by own weight"));
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setAlternatingRowColors(true);
    m_list->setSortingEnabled(true);
    m_list->sortByColumn(FunctionTable::Self, Qt::DescendingOrder);
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_list->setAllColumnsShowFocus(true);
    m_list->setContextMenuPolicy(Qt::CustomContextMenu);
    m_list->setItemDelegate(new BarDelegate(FunctionTable::BarRole, FunctionTable::LevelRole, m_list));
    m_list->setTextElideMode(Qt::ElideMiddle);
    const int digit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    constexpr std::array<int, FunctionTable::ColumnCount> kDigits{0, 16, 11, 16, 11, 11, 14, 22};
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(FunctionTable::Function, QHeaderView::Stretch);
    for (int column = FunctionTable::Self; column < FunctionTable::ColumnCount; ++column)
        m_list->setColumnWidth(column, kDigits[std::size_t(column)] * digit);
    m_splitter->addWidget(m_list);
    m_splitter->addWidget(buildSandwich());
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 2);
    m_stack->addWidget(m_splitter);
    m_stack->addWidget(m_empty);
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_details);
    setFocusProxy(m_list);
    connectAll();
    updateState();
}

FunctionsView::~FunctionsView() = default;

QWidget *FunctionsView::buildSandwich()
{
    auto *pane = new QSplitter(Qt::Vertical, this);
    const auto half = [this, pane](QLabel *&title, FlameCanvas *&canvas, const QString &name) {
        auto *box = new QWidget(pane);
        auto *layout = new QVBoxLayout(box);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
        title = new QLabel(box);
        title->setContentsMargins(6, 3, 6, 3);
        title->setTextFormat(Qt::PlainText);
        canvas = new FlameCanvas(context(), box);
        canvas->setAccessibleName(name);
        canvas->setFocusPolicy(Qt::StrongFocus);
        layout->addWidget(title);
        layout->addWidget(canvas, 1);
        pane->addWidget(box);
    };
    half(m_callersTitle, m_callers, tr("Callers"));
    half(m_calleesTitle, m_callees, tr("Callees"));
    // The function lies at the seam: its callers grow upwards from it.
    m_callers->setUpward(true);
    return pane;
}

void FunctionsView::connectAll()
{
    connect(m_table, &FunctionTable::filled, this, &FunctionsView::tableFilled);
    connect(m_model, &items::FlameModel::busyChanged, this, &FunctionsView::updateState);
    connect(m_model, &items::FlameModel::located, this, [this](const QString &place) {
        if (!place.isEmpty())
            Q_EMIT commandRequested(QStringLiteral("open-source"), place);
    });
    connect(m_source, &FlameSource::changed, this, &FunctionsView::updateState);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_sorted->setFilterFixedString(text);
        updateState();
    });
    connect(m_filter, &QLineEdit::returnPressed, this, [this] {
        if (!m_list->currentIndex().isValid() && m_sorted->rowCount() > 0)
            m_list->setCurrentIndex(m_sorted->index(0, 0));
        m_list->setFocus();
    });
    connect(m_list->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        &FunctionsView::currentChanged);
    connect(m_list, &QTreeView::activated, this, [this](const QModelIndex &index) {
        const QModelIndex place = m_sorted->mapToSource(index);
        if (place.column() == FunctionTable::Site) {
            openSource(place.row());
            return;
        }
        m_callees->setFocus();
    });
    connect(m_list, &QWidget::customContextMenuRequested, this,
        [this](const QPoint &at) { openListMenu(m_list->viewport()->mapToGlobal(at)); });
    auto *copy = new QShortcut(QKeySequence::Copy, m_list, this, &FunctionsView::copySelected);
    copy->setContext(Qt::WidgetShortcut);
    connect(m_sandwich, &items::Sandwich::changed, this, &FunctionsView::showSandwich);
    for (FlameCanvas *canvas : {m_callers, m_callees}) {
        connect(canvas, &FlameCanvas::menuRequested, this,
            [this, canvas](const QPoint &at) { openMenu(canvas, at); });
        const auto tell = [this, canvas] {
            const std::uint32_t id = canvas->hoveredFrame() != FlameScene::kNothing ? canvas->hoveredFrame()
                                                                                    : canvas->focusedFrame();
            const bool isFrame = canvas->scene() && id != FlameScene::kNothing;
            m_details->setText(
                isFrame ? frameLine(canvas->scene()->figures(id), canvas->wording()) : QString());
        };
        connect(canvas, &FlameCanvas::hoverChanged, this, tell);
        connect(canvas, &FlameCanvas::focusChanged, this, tell);
    }
    connect(context(), &session::SessionContext::selectionChanged, this, &FunctionsView::followSelection);
    connect(session(), &session::Session::sourcesChanged, this, &FunctionsView::updateState);
    connect(session(), &session::Session::loaded, this, &FunctionsView::updateState);
    connect(m_empty, &EmptyState::buttonClicked, this, [this] { context()->resetNavigation(); });
}

bool FunctionsView::event(QEvent *event)
{
    // Polish also comes when the view is rendered into a picture without ever being shown.
    if (event->type() == QEvent::Show || event->type() == QEvent::Polish)
        m_model->setActive(true);
    return View::event(event);
}

void FunctionsView::hideEvent(QHideEvent *event)
{
    m_model->setActive(false);
    View::hideEvent(event);
}

int FunctionsView::currentRow() const
{
    const QModelIndex index = m_sorted->mapToSource(m_list->currentIndex());
    return index.isValid() ? index.row() : -1;
}

void FunctionsView::tableFilled()
{
    // What the source does not tell takes no room.
    const auto &rows = m_table->rows();
    m_list->setColumnHidden(FunctionTable::Module,
        std::all_of(rows.begin(), rows.end(),
            [](const FunctionTable::Row &row) { return row.group.empty(); }));
    m_list->setColumnHidden(FunctionTable::Site,
        std::all_of(rows.begin(), rows.end(),
            [](const FunctionTable::Row &row) { return row.site.file.empty(); }));
    if (m_wanted.isEmpty() && m_sandwich->function())
        m_wanted = QString::fromStdString(m_sandwich->function()->name);
    // What is wanted stays wanted until there are functions at all.
    if (!rows.empty()) {
        if (m_wanted.isEmpty() || !showFunction(m_wanted))
            m_list->setCurrentIndex(m_sorted->index(0, 0));
        m_wanted.clear();
        // A selection in another profile must not take the user's choice of the profile back.
        if (const session::Selection selection = context()->selection();
            selection.kind == session::Selection::Kind::Operation
            || (selection.kind == session::Selection::Kind::Frame
                && selection.id == m_model->profile().value_or(0)))
            showFunction(selection.text);
    }
    currentChanged();
    updateState();
}

void FunctionsView::followSelection()
{
    const session::Selection selection = context()->selection();
    using Kind = session::Selection::Kind;
    const bool isOther
        = selection.kind == Kind::Frame && selection.id > 0 && m_model->profile() != selection.id;
    if (isOther) {
        m_source->showProfile(selection.id);
        if (m_model->profile() == selection.id)
            m_wanted = selection.text; // when its functions are listed
    } else if (selection.kind == Kind::Frame || selection.kind == Kind::Operation) {
        showFunction(selection.text);
    }
}

bool FunctionsView::showFunction(const QString &name, const QString &group)
{
    const std::string wanted = name.toStdString(), module = group.toStdString();
    const auto &rows = m_table->rows();
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const FunctionTable::Row &row) {
        return row.name == wanted && (module.empty() || row.group == module);
    });
    if (found == rows.end())
        return false;
    QModelIndex index = m_sorted->mapFromSource(m_table->index(int(found - rows.begin()), 0));
    if (!index.isValid()) {
        m_filter->clear();
        index = m_sorted->mapFromSource(m_table->index(int(found - rows.begin()), 0));
    }
    if (m_list->currentIndex().row() != index.row())
        m_list->setCurrentIndex(index);
    m_list->scrollTo(index);
    return true;
}

void FunctionsView::currentChanged()
{
    const int row = currentRow();
    const auto &rows = m_table->rows();
    if (row < 0 || std::size_t(row) >= rows.size())
        m_sandwich->show(nullptr, std::nullopt);
    else
        m_sandwich->show(m_model->topDown(),
            analysis::FrameKey{rows[std::size_t(row)].name, rows[std::size_t(row)].group});
    updateState();
}

void FunctionsView::showSandwich()
{
    const bool isProfile = !m_source->isDrawingSpans();
    const auto scene = [](const std::shared_ptr<const items::FlameTree> &tree, const QString &name) {
        return tree ? std::make_shared<FlameTreeScene>(tree, name) : nullptr;
    };
    m_callersScene = scene(m_sandwich->callers(), tr("all callers"));
    m_calleesScene = scene(m_sandwich->callees(), tr("all places"));
    m_callers->setWording(wordingOf(isProfile, true));
    m_callees->setWording(wordingOf(isProfile, false));
    m_callers->setScene(m_callersScene);
    m_callees->setScene(m_calleesScene);
    const QString name
        = m_sandwich->function() ? QString::fromStdString(m_sandwich->function()->name) : QString();
    const QString shown
        = fontMetrics().elidedText(name, Qt::ElideMiddle, 40 * fontMetrics().averageCharWidth());
    m_callersTitle->setText(name.isEmpty() ? QString() : tr("Callers of %1").arg(shown));
    m_calleesTitle->setText(name.isEmpty() ? QString() : tr("What %1 calls").arg(shown));
    m_callersTitle->setToolTip(name);
    m_calleesTitle->setToolTip(name);
    updateState();
}

void FunctionsView::openListMenu(const QPoint &globalPosition)
{
    const int row = currentRow();
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Rows as TSV"), this,
            &FunctionsView::copySelected)
        ->setEnabled(row >= 0);
    const bool hasSite = row >= 0 && !m_table->siteText(row).isEmpty();
    menu->addAction(themedIcon(QStringLiteral("open")), tr("Open File and Line in Ed&itor"), this,
            [this, row] { openSource(row); })
        ->setEnabled(hasSite);
    menu->addAction(themedIcon(QStringLiteral("flame")), tr("Show in Flame &Graph"), this,
            [this, row] {
                if (row < 0)
                    return;
                const QString name = QString::fromStdString(m_table->rows()[std::size_t(row)].name);
                context()->setSelection({m_source->isDrawingSpans() ? session::Selection::Kind::Operation
                                                                    : session::Selection::Kind::Frame,
                    m_model->profile().value_or(0), name});
                Q_EMIT openViewRequested(QStringLiteral("flame"));
            })
        ->setEnabled(row >= 0);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(showSql()); });
    menu->popup(globalPosition);
}

void FunctionsView::openMenu(FlameCanvas *canvas, const QPoint &globalPosition)
{
    const FlameScene *scene = canvas->scene();
    const std::uint32_t id = canvas->focusedFrame();
    const bool hasFrame = scene && id != FlameScene::kNothing && id != 0;
    const FlameFigures figures = hasFrame ? scene->figures(id) : FlameFigures();
    const QString stack = hasFrame ? stackText(scene->stack(id)) : QString();
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("&Put This Function in the Middle"), this,
            [this, figures] { showFunction(figures.name, figures.group); })
        ->setEnabled(hasFrame);
    menu->addAction(themedIcon(QStringLiteral("zoom-out")), tr("&Reset Zoom"), canvas,
            &FlameCanvas::resetZoom)
        ->setEnabled(canvas->isZoomed());
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("Copy &Name"), this,
            [figures] { QGuiApplication::clipboard()->setText(figures.name); })
        ->setEnabled(hasFrame);
    menu->addAction(tr("Copy S&tack"), this, [stack] { QGuiApplication::clipboard()->setText(stack); })
        ->setEnabled(hasFrame);
    menu->addAction(themedIcon(QStringLiteral("open")), tr("Open File and Line in Ed&itor"), this,
            [this, figures] { m_model->locate(figures.name, figures.group); })
        ->setEnabled(hasFrame && !m_source->isDrawingSpans());
    menu->popup(globalPosition);
}

void FunctionsView::openSource(int row)
{
    if (row >= 0 && std::size_t(row) < m_table->rows().size() && !m_table->siteText(row).isEmpty())
        Q_EMIT commandRequested(QStringLiteral("open-source"), m_table->siteText(row));
}

void FunctionsView::copySelected()
{
    QList<int> rows;
    for (const QModelIndex &index : m_list->selectionModel()->selectedRows())
        rows << m_sorted->mapToSource(index).row();
    if (!rows.isEmpty())
        QGuiApplication::clipboard()->setText(m_table->toTsv(rows));
}

void FunctionsView::updateState()
{
    const bool hasRows = m_table->rowCount() > 0;
    m_stack->setCurrentWidget(hasRows ? static_cast<QWidget *>(m_splitter) : m_empty);
    const QString icon = QStringLiteral("flame");
    if (!m_model->errorText().isEmpty())
        m_empty->setContent(icon, tr("The functions could not be listed"), m_model->errorText());
    else if (m_model->isBusy() || m_table->isRunning() || session()->isLoading())
        m_empty->setContent(icon, tr("Listing the functions…"), tr("They appear when the data are loaded."));
    else if (context()->range() || !context()->filter().isEmpty())
        m_empty->setContent(icon, tr("Nothing passes the filter in this range"),
            tr("Take back the last step with Alt+Left, or show everything."), tr("Show Everything"));
    else
        m_empty->setContent(icon, tr("No spans or profiles yet"),
            tr("Open a profile or a trace with Ctrl+O, or drop files on the window."));
    const auto count = [](qint64 n) { return QString::fromStdString(groupedCount(n)); };
    QString note;
    if (hasRows) {
        note = m_source->isDrawingSpans() ? tr("%1 operations").arg(count(m_table->rowCount()))
                                          : tr("%1 functions").arg(count(m_table->rowCount()));
        if (m_sorted->rowCount() != m_table->rowCount())
            note = tr("%1 of %2").arg(count(m_sorted->rowCount()), note);
        const auto hot = std::count_if(m_table->rows().begin(), m_table->rows().end(),
            [this](const FunctionTable::Row &row) {
                return m_table->total() > 0 && row.self >= FunctionTable::kHotShare * m_table->total();
            });
        note += tr(" · %1 hot (self at least 10 %)").arg(count(hot));
        if (context()->range())
            note += tr(" · selected range");
    }
    m_note->setText(note);
    const bool ready = FunctionsView::isReady(); // also called while the view is made
    if (std::exchange(m_wasReady, ready) != ready)
        Q_EMIT readyChanged();
}

bool FunctionsView::isReady() const
{
    return !m_model->isBusy() && !m_table->isRunning() && !m_sandwich->isRunning()
        && !context()->isFilterPending() && !session()->isLoading();
}

void FunctionsView::startSearch()
{
    m_filter->setFocus();
    m_filter->selectAll();
}

QString FunctionsView::showSql() const
{
    return m_model->profile() ? items::profileFunctionsSql(*m_model->profile())
                              : items::spanOperationsSql(context()->whereSql());
}

QJsonObject FunctionsView::saveState() const
{
    QJsonObject state;
    m_source->saveState(state);
    const QHeaderView *header = m_list->header();
    state.insert(QStringLiteral("sort"), header->sortIndicatorSection());
    state.insert(QStringLiteral("descending"), header->sortIndicatorOrder() == Qt::DescendingOrder);
    if (m_sandwich->function())
        state.insert(QStringLiteral("function"), QString::fromStdString(m_sandwich->function()->name));
    return state;
}

void FunctionsView::restoreState(const QJsonObject &state)
{
    const int sort = state.value(QStringLiteral("sort")).toInt(FunctionTable::Self);
    m_list->sortByColumn(std::clamp(sort, 0, FunctionTable::ColumnCount - 1),
        state.value(QStringLiteral("descending")).toBool(true) ? Qt::DescendingOrder : Qt::AscendingOrder);
    m_wanted = state.value(QStringLiteral("function")).toString();
    m_source->restoreState(state);
    if (!m_wanted.isEmpty() && showFunction(m_wanted))
        m_wanted.clear();
}

} // namespace tailscope::widgets
