// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flamediffview.h"

#include "base/text.h"
#include "items/flameweights.h"
#include "widgets/base/elidedcombobox.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"
#include "widgets/flame/flamecanvas.h"
#include "widgets/flame/flamedifflegend.h"
#include "widgets/flame/flamediffscene.h"

#include <QBoxLayout>
#include <QClipboard>
#include <QComboBox>
#include <QEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QMenu>
#include <QShortcut>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QTreeView>

#include <algorithm>

namespace tailscope::widgets {

namespace {

constexpr qint64 kSpans = -1; ///< item data of the spans
using items::FlameDiffModel;
using items::FlameDiffTable;

QComboBox *makeBox(QWidget *parent, const QString &name, const QString &tip, int letters)
{
    auto *box = new ElidedComboBox(parent);
    box->setAccessibleName(name);
    box->setToolTip(tip);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(letters);
    box->setMaximumWidth(parent->fontMetrics().averageCharWidth() * 44);
    return box;
}

std::optional<qint64> sideOf(const QComboBox *box)
{
    const qint64 id = box->currentIndex() < 0 ? kSpans : box->currentData().toLongLong();
    return id == kSpans ? std::nullopt : std::optional(id);
}

} // namespace

FlameDiffView::FlameDiffView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new FlameDiffModel(session, this))
    , m_rows(new FlameDiffTable(this))
    , m_sorted(new QSortFilterProxyModel(this))
    , m_note(new ElidedLabel(this))
    , m_details(new ElidedLabel(this))
    , m_banner(new Banner(this))
    , m_stack(new QStackedWidget(this))
    , m_canvas(new FlameCanvas(context(), this))
    , m_table(new QTreeView(this))
    , m_empty(new EmptyState(this))
{
    setAccessibleName(tr("Differential flame graph"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    buildToolBar(layout);
    layout->addWidget(m_banner);
    m_canvas->setColour(FlameColour::Difference);
    m_canvas->setAccessibleName(tr("Differential flame graph"));
    buildTable();
    auto *splitter = new QSplitter(Qt::Vertical, this);
    auto *picture = new QWidget(splitter);
    auto *pictureLayout = new QVBoxLayout(picture);
    pictureLayout->setContentsMargins(0, 0, 0, 0);
    pictureLayout->setSpacing(0);
    pictureLayout->addWidget(new FlameDiffLegend(picture));
    pictureLayout->addWidget(m_canvas, 1);
    splitter->addWidget(picture);
    splitter->addWidget(m_table);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 2);
    m_content = splitter;
    m_stack->addWidget(m_content);
    m_stack->addWidget(m_empty);
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_details);
    setFocusProxy(m_canvas);
    connectAll();
    fillSides();
    updateState();
}

FlameDiffView::~FlameDiffView() = default;

void FlameDiffView::buildToolBar(QBoxLayout *layout)
{
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(4, 3, 4, 3);
    bar->setSpacing(4);
    m_before = makeBox(this, tr("Before"), tr("The side that is compared with"), 10);
    m_after = makeBox(this, tr("After"), tr("The side that is looked at"), 10);
    m_scale = makeBox(this, tr("Scale"), tr("How the sides are made comparable"), 8);
    m_scale->addItem(tr("As recorded"));
    m_scale->addItem(tr("By recording time"));
    m_scale->addItem(tr("By total (shares)"));
    m_scale->setItemData(0, tr("Weights are subtracted as they are"), Qt::ToolTipRole);
    m_scale->setItemData(1, tr("After is brought to the recording time of before"), Qt::ToolTipRole);
    m_scale->setItemData(2, tr("After is brought to the total of before: shares are compared"),
        Qt::ToolTipRole);
    m_mode = makeBox(this, tr("Colour"), tr("The change that colours tell"), 8);
    m_mode->addItem(tr("Total change"));
    m_mode->addItem(tr("Self change"));
    m_mode->setItemData(0, tr("With everything the frame calls"), Qt::ToolTipRole);
    m_mode->setItemData(1, tr("Own weight of the frame only"), Qt::ToolTipRole);
    auto *swap = new QToolButton(this);
    swap->setText(QStringLiteral("⇄"));
    swap->setAutoRaise(true);
    swap->setToolTip(tr("Swap before and after"));
    swap->setAccessibleName(swap->toolTip());
    connect(swap, &QToolButton::clicked, this, [this] {
        m_isChosen = true;
        setSides(m_model->after(), m_model->before());
    });
    bar->addWidget(m_before, 3);
    bar->addWidget(swap);
    bar->addWidget(m_after, 3);
    bar->addWidget(m_scale, 2);
    bar->addWidget(m_mode, 2);
    bar->addWidget(m_note, 3);
    layout->addLayout(bar);
    connect(m_before, &QComboBox::activated, this, [this] { chooseSide(true); });
    connect(m_after, &QComboBox::activated, this, [this] { chooseSide(false); });
    connect(m_scale, &QComboBox::activated, this,
        [this](int index) { m_model->setScale(FlameDiffModel::Scale(index)); });
    connect(m_mode, &QComboBox::currentIndexChanged, this, [this] {
        if (m_scene)
            m_scene->setOfSelf(isOfSelf());
        m_canvas->update();
    });
}

void FlameDiffView::buildTable()
{
    m_sorted->setSourceModel(m_rows);
    m_sorted->setSortRole(FlameDiffTable::SortRole);
    m_table->setModel(m_sorted);
    m_table->setAccessibleName(tr("Functions by change"));
    m_table->setToolTip(tr("Enter marks the frames of a function"));
    m_table->setRootIsDecorated(false);
    m_table->setUniformRowHeights(true);
    m_table->setAlternatingRowColors(true);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(FlameDiffTable::Change, Qt::DescendingOrder);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setAllColumnsShowFocus(true);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->setTextElideMode(Qt::ElideMiddle);
    const int digit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    m_table->header()->setStretchLastSection(false);
    m_table->header()->setSectionResizeMode(FlameDiffTable::Function, QHeaderView::Stretch);
    for (int column = FlameDiffTable::Change; column <= FlameDiffTable::TotalChange; ++column)
        m_table->setColumnWidth(column, 16 * digit);
    m_table->setColumnWidth(FlameDiffTable::Module, 18 * digit);
}

void FlameDiffView::connectAll()
{
    connect(m_model, &FlameDiffModel::profilesChanged, this, &FlameDiffView::fillSides);
    connect(m_model, &FlameDiffModel::differenceChanged, this, &FlameDiffView::showDifference);
    connect(m_model, &FlameDiffModel::busyChanged, this, &FlameDiffView::updateState);
    connect(context(), &session::SessionContext::baselineChanged, this, &FlameDiffView::fillSides);
    connect(context(), &session::SessionContext::dataChanged, this, &FlameDiffView::fillSides);
    connect(session(), &session::Session::loaded, this, &FlameDiffView::updateState);
    connect(m_canvas, &FlameCanvas::hoverChanged, this, &FlameDiffView::updateDetails);
    connect(m_canvas, &FlameCanvas::focusChanged, this, &FlameDiffView::updateDetails);
    connect(m_canvas, &FlameCanvas::menuRequested, this, &FlameDiffView::openMenu);
    connect(m_canvas, &FlameCanvas::frameClicked, this, [this](quint32 id) {
        if (id != 0 && m_scene)
            context()->setSelection(
                {m_model->isOfSpans() ? session::Selection::Kind::Operation : session::Selection::Kind::Frame,
                    m_model->after().value_or(0), m_scene->figures(id).name});
    });
    connect(m_table, &QTreeView::activated, this, &FlameDiffView::markFunction);
    connect(m_table, &QWidget::customContextMenuRequested, this, [this](const QPoint &at) {
        auto *menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Rows as TSV"), this,
                &FlameDiffView::copySelected)
            ->setEnabled(m_table->selectionModel()->hasSelection());
        menu->addAction(tr("&Mark Its Frames"), this, [this] { markFunction(m_table->currentIndex()); })
            ->setEnabled(m_table->currentIndex().isValid());
        menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
            [this] { Q_EMIT sqlRequested(showSql()); });
        menu->popup(m_table->viewport()->mapToGlobal(at));
    });
    auto *copy = new QShortcut(QKeySequence::Copy, m_table, this, &FlameDiffView::copySelected);
    copy->setContext(Qt::WidgetShortcut);
}

bool FlameDiffView::event(QEvent *event)
{
    // Polish also comes when the view is rendered into a picture without ever being shown.
    if (event->type() == QEvent::Show || event->type() == QEvent::Polish)
        m_model->setActive(true);
    return View::event(event);
}

void FlameDiffView::hideEvent(QHideEvent *event)
{
    m_model->setActive(false);
    View::hideEvent(event);
}

bool FlameDiffView::isOfSelf() const { return m_mode->currentIndex() == 1; }

void FlameDiffView::fillSides()
{
    const bool hasSpans = context()->columns() && context()->columns()->size() > 0;
    for (QComboBox *box : {m_before, m_after}) {
        const QSignalBlocker blocker(box);
        box->clear();
        if (hasSpans || m_model->profiles().empty())
            box->addItem(box == m_before ? tr("Spans of the baseline") : tr("Spans selected now"), kSpans);
        for (const items::FlameProfile &profile : m_model->profiles())
            box->addItem(profile.label(), profile.id);
    }
    if (!m_wanted.isEmpty() && !m_model->profiles().empty()) {
        const int before = m_before->findText(m_wanted.value(QStringLiteral("before")).toString());
        const int after = m_after->findText(m_wanted.value(QStringLiteral("after")).toString());
        // Profiles of one name: the second one is meant.
        const bool isTwice = before >= 0 && after >= 0
            && m_before->itemData(before).toLongLong() == m_after->itemData(after).toLongLong();
        const int second = isTwice && after + 1 < m_after->count()
                && m_after->itemText(after + 1) == m_after->itemText(after)
            ? after + 1
            : after;
        if (before >= 0 && second >= 0) {
            m_isChosen = true;
            m_before->setCurrentIndex(before);
            m_after->setCurrentIndex(second);
            m_model->setSides(sideOf(m_before), sideOf(m_after));
            const int scale = m_wanted.value(QStringLiteral("scale")).toInt(0);
            m_model->setScale(FlameDiffModel::Scale(std::clamp(scale, 0, 2)));
        }
        m_wanted = {};
    }
    if (!m_isChosen) {
        const auto suggestion = m_model->suggestion();
        if (suggestion && !context()->baseline())
            setSides(suggestion->first, suggestion->second);
        else
            setSides(std::nullopt, std::nullopt);
        return;
    }
    setSides(m_model->before(), m_model->after());
}

void FlameDiffView::setSides(std::optional<qint64> before, std::optional<qint64> after)
{
    const bool isNew = before != m_model->before() || after != m_model->after();
    m_model->setSides(before, after);
    for (const auto &[box, side] : {std::pair(m_before, before), std::pair(m_after, after)})
        box->setCurrentIndex(box->findData(QVariant::fromValue(side.value_or(kSpans))));
    if (isNew)
        suggestScale();
    updateState();
}

void FlameDiffView::chooseSide(bool isBefore)
{
    m_isChosen = true;
    auto before = sideOf(m_before), after = sideOf(m_after);
    auto &chosen = isBefore ? before : after;
    auto &other = isBefore ? after : before;
    if (!chosen) {
        other.reset(); // spans are compared with spans
    } else if (!other) {
        const items::FlameProfile *profile = m_model->profile(*chosen);
        for (const items::FlameProfile &candidate : m_model->profiles()) {
            if (profile && candidate.id != profile->id && candidate.unit == profile->unit && !other)
                other = candidate.id;
        }
        if (!other)
            other = chosen;
    }
    setSides(before, after);
}

void FlameDiffView::suggestScale()
{
    const items::FlameProfile *before = m_model->before() ? m_model->profile(*m_model->before()) : nullptr;
    const items::FlameProfile *after = m_model->after() ? m_model->profile(*m_model->after()) : nullptr;
    const auto scale = before && after ? FlameDiffModel::suggestedScale(before->facts(), after->facts())
                                       : FlameDiffModel::Scale::None;
    m_model->setScale(scale);
}

void FlameDiffView::showDifference()
{
    const auto difference = m_model->difference();
    m_scene
        = difference && difference->tree ? std::make_shared<FlameDiffScene>(difference, tr("all")) : nullptr;
    if (m_scene)
        m_scene->setOfSelf(isOfSelf());
    m_marked.clear();
    m_canvas->setSearching(false);
    m_canvas->setScene(m_scene);
    // Of amounts that only grow until they are freed, growth is what one looks for.
    const bool isAmount = difference
        && (difference->unit == QLatin1String("bytes") || difference->unit == QLatin1String("objects")
            || difference->unit == QLatin1String("count"));
    m_rows->setSigned(isAmount);
    m_rows->setDifference(difference);
    updateState();
    updateDetails();
}

void FlameDiffView::updateState()
{
    m_scale->setCurrentIndex(int(m_model->scale()));
    const auto difference = m_model->difference();
    m_stack->setCurrentWidget(m_scene ? m_content : m_empty);
    QString note;
    if (difference && m_scene) {
        const double after = difference->afterTotal * difference->diff->scale;
        note = tr("%1 before, %2 after")
                   .arg(items::weightText(difference->beforeTotal, difference->unit),
                       items::weightText(difference->afterTotal, difference->unit));
        if (difference->diff->scale != 1)
            note += tr(" × %1").arg(QString::number(difference->diff->scale, 'g', 3));
        note += QStringLiteral(": ") + items::deltaText(after - difference->beforeTotal, difference->unit);
        if (difference->tree->tree->droppedNodes > 0)
            note += tr(" · %1 small frames merged into their parents")
                        .arg(QString::fromStdString(groupedCount(difference->tree->tree->droppedNodes)));
    }
    m_note->setText(note);
    updateDoubts();
    updateEmptyState();
    const bool ready = FlameDiffView::isReady(); // also called while the view is made
    if (std::exchange(m_wasReady, ready) != ready)
        Q_EMIT readyChanged();
}

QString FlameDiffView::doubtText(analysis::DiffDoubt doubt) const
{
    using analysis::DiffDoubt;
    const auto difference = m_model->difference();
    switch (doubt) {
    case DiffDoubt::Units:
        return tr("the units differ");
    case DiffDoubt::SampleTypes:
        return tr("the sample types differ");
    case DiffDoubt::Kinds:
        return tr("the kinds of profile differ (on-CPU, wall clock, …)");
    case DiffDoubt::Periods:
        return tr("they were sampled at different rates");
    case DiffDoubt::Durations:
        return tr("they were recorded for different lengths of time");
    case DiffDoubt::Weights:
        return difference ? tr("the totals are far apart (%1 and %2)")
                                .arg(items::weightText(difference->beforeTotal, difference->unit),
                                    items::weightText(difference->afterTotal, difference->unit))
                          : tr("the totals are far apart");
    case DiffDoubt::FewSamples:
        return tr("one side has fewer than 1,000 samples, so small changes are noise");
    }
    return {};
}

void FlameDiffView::updateDoubts()
{
    const auto difference = m_model->difference();
    if (!difference || !m_scene || difference->doubts.empty()) {
        m_banner->clear();
        return;
    }
    QStringList texts;
    bool isScaleHelp = false;
    for (const analysis::DiffDoubt doubt : difference->doubts) {
        texts << doubtText(doubt);
        isScaleHelp = isScaleHelp || doubt == analysis::DiffDoubt::Durations
            || doubt == analysis::DiffDoubt::Weights || doubt == analysis::DiffDoubt::Periods;
    }
    QString text = tr("Compare with care: %1.").arg(texts.join(QStringLiteral("; ")));
    const bool isAmount
        = difference->unit == QLatin1String("bytes") || difference->unit == QLatin1String("objects");
    if (isScaleHelp && !isAmount && m_model->scale() == FlameDiffModel::Scale::None)
        text += QLatin1Char(' ')
            + (m_model->canScaleByDuration() ? tr("Scale by recording time or by total.")
                                             : tr("Scale by total to compare shares."));
    m_banner->show(Banner::Level::Warning, text);
}

void FlameDiffView::updateEmptyState()
{
    const QString icon = QStringLiteral("flame");
    if (!m_model->errorText().isEmpty()) {
        m_empty->setContent(icon, tr("The difference could not be computed"), m_model->errorText());
    } else if (m_model->isRefused()) {
        const items::FlameProfile *before = m_model->profile(m_model->before().value_or(0));
        const items::FlameProfile *after = m_model->profile(m_model->after().value_or(0));
        m_empty->setContent(icon, tr("These two cannot be compared"),
            tr("One counts %1, the other %2. Choose two of the same unit above.")
                .arg(before ? before->unit : QString(), after ? after->unit : QString()));
    } else if (m_model->isBusy() || session()->isLoading()) {
        m_empty->setContent(icon, tr("Comparing…"), tr("Both call trees are being built."));
    } else if (m_model->isOfSpans() && context()->columns() && context()->columns()->size() > 0) {
        m_empty->setContent(icon, tr("Nothing to compare with yet"),
            context()->baseline() ? tr("Neither the baseline nor the present selection holds a span.")
                                  : tr("Set a baseline (a time range and a filter), then select other spans. "
                                       "Or choose two profiles above."));
    } else {
        m_empty->setContent(icon, tr("Two profiles are needed"),
            tr("Open a second profile of the same kind with Ctrl+O, taken before or after the change."));
    }
}

void FlameDiffView::updateDetails()
{
    const std::uint32_t shown = m_canvas->hoveredFrame() != FlameScene::kNothing ? m_canvas->hoveredFrame()
                                                                                 : m_canvas->focusedFrame();
    const QString text = m_scene && shown != FlameScene::kNothing
        ? frameLine(m_scene->figures(shown), m_canvas->wording())
        : m_scene ? tr("Width: the larger of both sides, so that what is gone keeps its place.")
                  : QString();
    m_details->setText(text);
    Q_EMIT statusText(text);
}

void FlameDiffView::markFunction(const QModelIndex &index)
{
    const analysis::FlatDiffEntry *entry = m_rows->entry(m_sorted->mapToSource(index).row());
    if (!entry || !m_scene)
        return;
    const QString name = QString::fromStdString(entry->name);
    // Once more takes the marks away.
    const bool isOff = std::exchange(m_marked, m_marked == name ? QString() : name) == name;
    const auto pattern
        = QRegularExpression(QRegularExpression::anchoredPattern(QRegularExpression::escape(name)));
    m_scene->setMatches(isOff ? nullptr : items::findFrames(m_scene->tree(), pattern, {}));
    m_canvas->setSearching(!isOff);
    m_canvas->update();
}

void FlameDiffView::openMenu(const QPoint &globalPosition)
{
    const std::uint32_t id = m_canvas->focusedFrame();
    const bool hasFrame = m_scene && id != FlameScene::kNothing;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(themedIcon(QStringLiteral("zoom-in")), tr("&Zoom to Frame"), this,
            [this, id] { m_canvas->zoomToFrame(id); })
        ->setEnabled(hasFrame);
    menu->addAction(themedIcon(QStringLiteral("fit")), tr("&Reset Zoom"), m_canvas, &FlameCanvas::resetZoom)
        ->setEnabled(m_canvas->isZoomed());
    menu->addSeparator();
    const FlameFigures figures = hasFrame ? m_scene->figures(id) : FlameFigures();
    const QString stack = hasFrame ? stackText(m_scene->stack(id)) : QString();
    const auto copy = [](const QString &text) { QGuiApplication::clipboard()->setText(text); };
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("Copy &Name"), this,
            [copy, figures] { copy(figures.name); })
        ->setEnabled(hasFrame);
    menu->addAction(tr("Copy S&tack"), this, [copy, stack] { copy(stack); })->setEnabled(hasFrame);
    menu->addAction(tr("Copy Row as TS&V"), this, [copy, figures] { copy(frameTsv(figures)); })
        ->setEnabled(hasFrame);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(showSql()); });
    menu->popup(globalPosition);
}

void FlameDiffView::copySelected()
{
    QList<int> rows;
    for (const QModelIndex &index : m_table->selectionModel()->selectedRows())
        rows << m_sorted->mapToSource(index).row();
    if (!rows.isEmpty())
        QGuiApplication::clipboard()->setText(m_rows->toTsv(rows));
}

bool FlameDiffView::isReady() const
{
    return !m_model->isBusy() && !context()->isFilterPending() && !session()->isLoading();
}

void FlameDiffView::zoomBy(double factor) { m_canvas->zoomBy(factor); }

QString FlameDiffView::showSql() const { return m_model->sql(); }

QJsonObject FlameDiffView::saveState() const
{
    QJsonObject state;
    state.insert(QStringLiteral("mode"), m_mode->currentIndex());
    if (m_isChosen) {
        state.insert(QStringLiteral("before"), m_before->currentText());
        state.insert(QStringLiteral("after"), m_after->currentText());
        state.insert(QStringLiteral("scale"), int(m_model->scale()));
    }
    return state;
}

void FlameDiffView::restoreState(const QJsonObject &state)
{
    m_mode->setCurrentIndex(std::clamp(state.value(QStringLiteral("mode")).toInt(), 0, 1));
    if (state.contains(QStringLiteral("before")))
        m_wanted = state;
    fillSides();
}

} // namespace tailscope::widgets
