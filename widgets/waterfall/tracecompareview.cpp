// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/waterfall/tracecompareview.h"

#include "widgets/base/bardelegate.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"
#include "widgets/waterfall/tracecomparecanvas.h"

#include <QAction>
#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QEvent>
#include <QHeaderView>
#include <QJsonObject>
#include <QLabel>
#include <QMenu>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>

#include <algorithm>

namespace tailscope::widgets {

using items::TraceDiffModel;

TraceCompareView::TraceCompareView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(TraceDiffModel::of(session))
    , m_banner(new Banner(this))
    , m_words(new QLabel(this))
    , m_a(new ElidedLabel(this))
    , m_b(new ElidedLabel(this))
    , m_details(new ElidedLabel(this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_splitter(new QSplitter(Qt::Vertical, this))
    , m_canvas(new TraceCompareCanvas(m_model, this))
    , m_table(new QTableView(this))
{
    setAccessibleName(tr("Compare traces"));
    buildLayout();
    connectParts();
    updateState();
}

TraceCompareView::~TraceCompareView() { m_model->setActive(this, false); }

void TraceCompareView::buildLayout()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_banner);
    auto *swap = new QAction(tr("S&wap A and B"), this);
    connect(swap, &QAction::triggered, m_model, &TraceDiffModel::swap);
    m_actions << swap;
    auto *top = new QHBoxLayout;
    top->setContentsMargins(8, 4, 8, 4);
    auto *texts = new QVBoxLayout;
    texts->setSpacing(1);
    m_words->setWordWrap(true);
    m_words->setTextFormat(Qt::PlainText); // names come from files
    m_words->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_words->setAccessibleDescription(tr("The difference of the two traces in words"));
    QFont bold = font();
    bold.setBold(true);
    m_words->setFont(bold);
    texts->addWidget(m_words);
    texts->addWidget(m_a);
    texts->addWidget(m_b);
    top->addLayout(texts, 1);
    auto *button = new QToolButton(this);
    button->setDefaultAction(swap);
    button->setAccessibleName(tr("Swap A and B"));
    button->setFocusPolicy(Qt::TabFocus);
    top->addWidget(button, 0, Qt::AlignTop);
    layout->addLayout(top);
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_details);
    m_splitter->addWidget(m_canvas);
    m_splitter->addWidget(m_table);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 2);
    m_splitter->setSizes({600, 400});
    m_splitter->setChildrenCollapsible(false);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_splitter);
    setUpTable();
    setFocusProxy(m_canvas);
}

void TraceCompareView::setUpTable()
{
    m_table->setModel(m_model);
    m_table->setItemDelegate(new BarDelegate(TraceDiffModel::BarRole, TraceDiffModel::LevelRole, m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setAlternatingRowColors(true);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setAccessibleName(tr("Difference by path"));
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setSortIndicator(TraceDiffModel::TotalDelta, Qt::DescendingOrder);
    m_table->setSortingEnabled(true);
    const int letter = fontMetrics().averageCharWidth();
    const int widths[] = {40, 20, 11, 11, 13, 11, 11, 13, 16, 10};
    for (int column = 0; column < TraceDiffModel::ColumnCount; ++column)
        m_table->setColumnWidth(column, letter * widths[column]);
}

void TraceCompareView::connectParts()
{
    connect(m_model, &TraceDiffModel::pairChanged, this, &TraceCompareView::updateState);
    connect(m_model, &TraceDiffModel::busyChanged, this, &TraceCompareView::updateState);
    connect(context(), &session::SessionContext::timeDisplayChanged, this, &TraceCompareView::updateState);
    connect(session(), &session::Session::loaded, this, &TraceCompareView::updateState);
    connect(m_canvas, &TraceCompareCanvas::rowChosen, this, [this](int row) {
        selectRow(row);
        if (const auto place = m_model->rowOfDiff(std::uint32_t(row))) {
            m_following = true;
            m_table->setCurrentIndex(m_model->index(*place, 0));
            m_following = false;
        }
    });
    connect(m_canvas, &TraceCompareCanvas::hovered, this, [this](const QString &line) {
        m_details->setText(line.isEmpty() ? m_canvas->accessibleValue() : line);
        Q_EMIT statusText(line);
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        [this](const QModelIndex &index) {
            if (m_following || !index.isValid() || index.row() >= m_model->rowCount())
                return;
            const int row = int(m_model->diffRowAt(index.row()));
            m_canvas->setCurrentRow(row);
            selectRow(row);
        });
    const auto openMenu = [this](const QPoint &position) { makeMenu()->popup(position); };
    connect(m_canvas, &TraceCompareCanvas::menuRequested, this, openMenu);
    connect(m_table, &QWidget::customContextMenuRequested, this,
        [this, openMenu](const QPoint &position) { openMenu(m_table->viewport()->mapToGlobal(position)); });
    connect(m_empty, &EmptyState::buttonClicked, this,
        [this] { Q_EMIT openViewRequested(QStringLiteral("traces")); });
    buildActions();
}

void TraceCompareView::buildActions()
{
    auto *copy = new QAction(tr("&Copy Rows"), m_table);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, [this] {
        if (const QList<int> rows = chosenRows(); !rows.isEmpty())
            QApplication::clipboard()->setText(m_model->toText(rows));
    });
    m_table->addAction(copy);
    m_actions << copy;
    auto *words = new QAction(tr("Copy &Words"), this);
    connect(words, &QAction::triggered, this, [this] {
        QApplication::clipboard()->setText(
            QStringList{m_model->words(), m_model->sideText(false), m_model->sideText(true)}.join(
                QLatin1Char('\n')));
    });
    m_actions << words;
    const auto open = [this](const QString &text, bool isB) {
        auto *action = new QAction(text, this);
        connect(action, &QAction::triggered, this, [this, isB] {
            if (const auto pair = m_model->pair()) {
                context()->setSelection(
                    {session::Selection::Kind::Trace, isB ? pair->b->id : pair->a->id, {}});
                Q_EMIT openViewRequested(QStringLiteral("waterfall"));
            }
        });
        m_actions << action;
    };
    open(tr("Open &A in Waterfall"), false);
    open(tr("Open &B in Waterfall"), true);
}

bool TraceCompareView::event(QEvent *event)
{
    // Polish also comes when the view is rendered into a picture without ever being shown.
    if (event->type() == QEvent::Show || event->type() == QEvent::Polish) {
        m_model->setActive(this, true);
        updateState();
    }
    return View::event(event);
}

void TraceCompareView::hideEvent(QHideEvent *event)
{
    m_model->setActive(this, false);
    View::hideEvent(event);
}

QList<int> TraceCompareView::chosenRows() const
{
    QList<int> rows;
    for (const QModelIndex &index : m_table->selectionModel()->selectedRows())
        rows << index.row();
    std::sort(rows.begin(), rows.end());
    return rows;
}

void TraceCompareView::selectRow(int diffRow)
{
    if (!m_model->pair() || diffRow < 0)
        return;
    m_details->setText(m_canvas->accessibleValue());
    context()->setSelection({session::Selection::Kind::Span, m_model->spanIdOf(std::uint32_t(diffRow)),
        m_model->nameOf(std::uint32_t(diffRow))});
}

QMenu *TraceCompareView::makeMenu()
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addActions(m_actions);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(showSql()); });
    return menu;
}

QString TraceCompareView::words() const { return m_words->text(); }

void TraceCompareView::updateState()
{
    m_model->errorText().isEmpty() ? m_banner->clear()
                                   : m_banner->show(Banner::Level::Warning, m_model->errorText());
    const bool hasPair = m_model->pair() != nullptr;
    m_stack->setCurrentWidget(hasPair ? static_cast<QWidget *>(m_splitter) : m_empty);
    QString words = m_model->words();
    if (hasPair && m_model->isDefault())
        words += tr(" (Median against slowest; choose others in Traces.)");
    m_words->setText(words);
    m_a->setText(m_model->sideText(false));
    m_b->setText(m_model->sideText(true));
    for (QWidget *widget : {static_cast<QWidget *>(m_words), static_cast<QWidget *>(m_a),
             static_cast<QWidget *>(m_b), static_cast<QWidget *>(m_details)})
        widget->setVisible(hasPair);
    for (QAction *action : m_actions)
        action->setEnabled(hasPair);
    if (!hasPair) {
        const QString icon = QStringLiteral("tracecompare");
        if (session()->isLoading() || m_model->isBusy())
            m_empty->setContent(icon, tr("Reading the traces…"),
                tr("They appear when the spans are loaded."));
        else
            m_empty->setContent(icon, tr("Two traces are needed"),
                tr("In Traces (Ctrl+7), choose \"Use as Baseline\" for one trace and \"Compare with "
                   "Baseline\" for "
                   "another, or mark two and compare them."),
                tr("Show Traces"));
    }
    updateReady();
}

bool TraceCompareView::isReady() const
{
    return !m_model->isBusy() && !context()->isFilterPending() && !session()->isLoading();
}

void TraceCompareView::updateReady()
{
    if (isReady() == m_wasReady)
        return;
    m_wasReady = !m_wasReady;
    Q_EMIT readyChanged();
}

void TraceCompareView::zoomBy(double factor)
{
    const TimeRange window = m_canvas->window();
    m_canvas->setWindow(zoomed(window, window.begin + window.length() / 2, factor, m_canvas->limits()));
}

QString TraceCompareView::showSql() const { return m_model->sql(); }

QJsonObject TraceCompareView::saveState() const
{
    const auto pair = m_model->pair();
    if (!pair || m_model->isDefault())
        return {};
    return {{QStringLiteral("a"), pair->a->key}, {QStringLiteral("b"), pair->b->key}};
}

void TraceCompareView::restoreState(const QJsonObject &state)
{
    const QString a = state.value(QStringLiteral("a")).toString(),
                  b = state.value(QStringLiteral("b")).toString();
    if (!a.isEmpty() && !b.isEmpty())
        m_model->setKeys(a, b);
}

} // namespace tailscope::widgets
