// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flameview.h"

#include "items/flamemodelsql.h"
#include "widgets/base/elidedcombobox.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/searchbar.h"
#include "widgets/base/theme.h"
#include "widgets/flame/flamebreadcrumb.h"
#include "widgets/flame/flamecanvas.h"
#include "widgets/flame/flamesamplescene.h"
#include "widgets/flame/flamesource.h"
#include "widgets/flame/flametimescene.h"
#include "widgets/flame/flametransforms.h"
#include "widgets/flame/flametreescene.h"

#include <QAction>
#include <QBoxLayout>
#include <QComboBox>
#include <QEvent>
#include <QJsonArray>
#include <QStackedWidget>
#include <QToolButton>

#include <algorithm>

namespace tailscope::widgets {

namespace {

constexpr qint64 kSpans = -1; ///< stands for the spans where a profile has its id

QComboBox *makeCombo(QWidget *parent, const QString &name, const QString &tip, int letters)
{
    auto *box = new ElidedComboBox(parent);
    box->setAccessibleName(name);
    box->setToolTip(tip);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(letters);
    box->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    return box;
}

QString modeId(FlameView::Mode mode)
{
    switch (mode) {
    case FlameView::Mode::Callers:
        return QStringLiteral("callers");
    case FlameView::Mode::TimeOrdered:
        return QStringLiteral("time");
    case FlameView::Mode::Merged:
        break;
    }
    return QStringLiteral("merged");
}

} // namespace

FlameView::FlameView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new items::FlameModel(session, this))
    , m_spanSearch(new items::SpanSearch(context(), this))
    , m_source(new FlameSource(session, m_model, this))
    , m_search(new SearchBar(this))
    , m_banner(new Banner(this))
    , m_transforms(new FlameTransforms(session, m_model, this))
    , m_path(new FlameBreadcrumb(this))
    , m_note(new ElidedLabel(this))
    , m_details(new ElidedLabel(this))
    , m_stack(new QStackedWidget(this))
    , m_canvas(new FlameCanvas(context(), this))
    , m_empty(new EmptyState(this))
{
    setAccessibleName(tr("Flame graph"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    buildToolBar(layout);
    layout->addWidget(m_search);
    layout->addWidget(m_banner);
    layout->addWidget(m_transforms);
    layout->addWidget(m_path);
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_details);
    m_search->hide();
    m_path->hide();
    m_details->setAccessibleDescription(tr("Exact values of the frame under the pointer or in focus"));
    m_stack->addWidget(m_canvas);
    m_stack->addWidget(m_empty);
    setFocusProxy(m_canvas);
    buildActions();
    connectModel();
    fillTracks();
    refresh();
}

FlameView::~FlameView() = default;

void FlameView::buildToolBar(QBoxLayout *layout)
{
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(4, 3, 4, 3);
    bar->setSpacing(4);
    m_modeBox = makeCombo(this, tr("Mode"), tr("How stacks are put together"), 7);
    m_modeBox->addItem(tr("Merged"));
    m_modeBox->setItemData(0, tr("Equal paths are one frame; width is the sum"), Qt::ToolTipRole);
    m_modeBox->addItem(tr("Callers"));
    m_modeBox->setItemData(1, tr("Bottom up: who called the frames that spent the time"), Qt::ToolTipRole);
    m_modeBox->addItem(tr("Time-Ordered"));
    m_modeBox->setItemData(2,
        tr("The spans of one track, or the samples of a profile, over time. Some profiles (collapsed stacks, "
           "for "
           "one) hold sums without time stamps, so their samples have no order."),
        Qt::ToolTipRole);
    m_track = makeCombo(this, tr("Track"), tr("The track drawn over time"), 6);
    m_colour = makeCombo(this, tr("Colour"), tr("What the colour of a frame stands for"), 6);
    m_colour->addItem(tr("Service"));
    m_colour->setItemData(0, tr("Service of spans, module of profile frames"), Qt::ToolTipRole);
    m_colour->addItem(tr("Self Time"));
    m_colour->setItemData(1,
        tr("Square root of self weight against the largest; over time: self share of the span"),
        Qt::ToolTipRole);
    m_colour->addItem(tr("Name"));
    m_flip = new QToolButton(this);
    m_out = new QToolButton(this);
    auto *find = new QToolButton(this);
    find->setIcon(themedIcon(QStringLiteral("search")));
    find->setText(tr("Search"));
    find->setToolTip(tr("Search frames (Ctrl+F)"));
    find->setAccessibleName(tr("Search frames"));
    connect(find, &QToolButton::clicked, this, &FlameView::startSearch);
    bar->addWidget(m_source, 3);
    for (QComboBox *box : {m_modeBox, m_track, m_colour}) {
        const bool isLong = box == m_track;
        box->setMaximumWidth(fontMetrics().averageCharWidth() * (isLong ? 44 : 22));
        bar->addWidget(box, isLong ? 3 : 2);
    }
    for (QToolButton *button : {m_flip, m_out, find}) {
        button->setAutoRaise(true);
        bar->addWidget(button);
    }
    bar->addWidget(m_note, 4);
    layout->addLayout(bar);
    connect(m_source, &FlameSource::changed, this, &FlameView::sourceChanged);
    connect(m_modeBox, &QComboBox::activated, this, [this](int index) { setMode(Mode(index)); });
    connect(m_colour, &QComboBox::currentIndexChanged, m_canvas,
        [this](int index) { m_canvas->setColour(FlameColour(index)); });
    connect(m_track, &QComboBox::activated, this, [this] {
        m_wantedTrack = m_track->currentText();
        showTrack();
    });
}

void FlameView::buildActions()
{
    m_flipAction = new QAction(tr("Grow &Upwards"), this);
    m_flipAction->setCheckable(true);
    m_flipAction->setToolTip(tr("Root at the bottom (flame) instead of at the top (icicle)"));
    m_flip->setText(QStringLiteral("⇅"));
    m_flip->setCheckable(true);
    m_flip->setToolTip(m_flipAction->toolTip());
    m_flip->setAccessibleName(tr("Grow upwards"));
    connect(m_flip, &QToolButton::toggled, m_flipAction, &QAction::setChecked);
    connect(m_flipAction, &QAction::toggled, m_flip, &QToolButton::setChecked);
    connect(m_flipAction, &QAction::toggled, m_canvas, &FlameCanvas::setUpward);
    auto *out = new QAction(themedIcon(QStringLiteral("zoom-out")), tr("Zoom &Out"), this);
    out->setToolTip(tr("Back to the frame before (Backspace)"));
    out->setEnabled(false);
    m_out->setDefaultAction(out);
    m_out->setAccessibleName(tr("Zoom out"));
    connect(out, &QAction::triggered, m_canvas, &FlameCanvas::zoomOut);
    connect(m_canvas, &FlameCanvas::windowChanged, out,
        [this, out] { out->setEnabled(m_canvas->isZoomed()); });
    auto *reset = new QAction(themedIcon(QStringLiteral("fit")), tr("&Reset Zoom"), this);
    connect(reset, &QAction::triggered, m_canvas, &FlameCanvas::resetZoom);
    auto *picture = new QAction(themedIcon(QStringLiteral("export")), tr("&Export Picture…"), this);
    connect(picture, &QAction::triggered, this, &FlameView::exportWithDialog);
    m_actions = {m_flipAction, out, reset, picture};
}

void FlameView::connectModel()
{
    const auto refreshAll = [this] { refresh(); };
    connect(m_model, &items::FlameModel::treeChanged, this, &FlameView::showTree);
    connect(m_model, &items::FlameModel::lanesChanged, this, &FlameView::showTrack);
    connect(m_model, &items::FlameModel::located, this, [this](const QString &place, const QString &frame) {
        if (place.isEmpty())
            m_banner->show(Banner::Level::Info, tr("The profile does not name the file of %1.").arg(frame));
        else
            Q_EMIT commandRequested(QStringLiteral("open-source"), place);
    });
    connect(m_model, &items::FlameModel::busyChanged, this, refreshAll);
    connect(m_model, &items::FlameModel::matchesChanged, this, &FlameView::applySearch);
    connect(m_spanSearch, &items::SpanSearch::changed, this, &FlameView::applySearch);
    connect(m_spanSearch, &items::SpanSearch::found, this, &FlameView::revealFrame);
    connect(context(), &session::SessionContext::dataChanged, this, &FlameView::fillTracks);
    connect(context(), &session::SessionContext::filterChanged, this, &FlameView::showTrack);
    connect(context(), &session::SessionContext::rangeChanged, this, [this] {
        showRange();
        refresh();
    });
    connect(session(), &session::Session::sourcesChanged, this, refreshAll);
    connect(m_canvas, &FlameCanvas::windowChanged, this, &FlameView::updatePath);
    connect(m_canvas, &FlameCanvas::focusChanged, this, &FlameView::updateDetails);
    connect(m_canvas, &FlameCanvas::hoverChanged, this, &FlameView::updateDetails);
    connect(m_canvas, &FlameCanvas::frameClicked, this, &FlameView::selectFrame);
    connect(m_canvas, &FlameCanvas::frameActivated, this, &FlameView::selectFrame);
    connect(m_canvas, &FlameCanvas::menuRequested, this, &FlameView::openMenu);
    connect(m_path, &FlameBreadcrumb::stepClicked, this, [this](quint32 id) {
        if (id == 0 && m_mode != Mode::TimeOrdered)
            m_canvas->resetZoom();
        else
            m_canvas->zoomToFrame(id);
        m_canvas->setFocus();
    });
    connect(m_search, &SearchBar::changed, this, [this] {
        const QRegularExpression expression
            = m_search->text().isEmpty() ? QRegularExpression() : m_search->expression();
        m_model->setSearch(expression);
        m_spanSearch->setExpression(m_mode == Mode::TimeOrdered ? expression : QRegularExpression());
        if (m_sampleScene) {
            m_sampleScene->setSearch(expression);
            applySearch();
        }
    });
    connect(m_search, &SearchBar::nextRequested, this, [this] { walkMatches(true); });
    connect(m_search, &SearchBar::previousRequested, this, [this] { walkMatches(false); });
    connect(m_search, &SearchBar::closed, this, [this] { m_canvas->setFocus(); });
    connect(m_empty, &EmptyState::buttonClicked, this, [this] {
        if (m_model->transforms().empty())
            context()->resetNavigation();
        else
            m_transforms->removeAll();
    });
}

bool FlameView::event(QEvent *event)
{
    // Polish also comes when the view is rendered into a picture without ever being shown.
    if (event->type() == QEvent::Show || event->type() == QEvent::Polish)
        m_model->setActive(true);
    return View::event(event);
}

void FlameView::hideEvent(QHideEvent *event)
{
    m_model->setActive(false);
    View::hideEvent(event);
}

bool FlameView::isDrawingSpans() const { return !m_model->profile(); }

void FlameView::sourceChanged()
{
    if (m_treeKind != modeId(m_mode) + QString::number(m_model->profile().value_or(kSpans)))
        m_canvas->resetZoom();
    if (m_mode == Mode::TimeOrdered)
        showTrack();
    refresh();
}

void FlameView::fillTracks()
{
    const QSignalBlocker blocker(m_track);
    m_track->clear();
    const auto columns = context()->columns();
    if (!columns)
        return;
    std::vector<std::uint64_t> spans(columns->tracks.size(), 0);
    for (const analysis::Lane &lane : columns->lanes)
        spans[lane.track] += lane.count;
    std::vector<std::uint32_t> order;
    for (std::uint32_t track = 0; track < spans.size(); ++track) {
        if (spans[track] > 0)
            order.push_back(track);
    }
    std::stable_sort(order.begin(), order.end(),
        [&](std::uint32_t a, std::uint32_t b) { return spans[a] > spans[b]; });
    for (const std::uint32_t track : order)
        m_track->addItem(QString::fromStdString(columns->tracks[track].title()), track);
    m_track->setCurrentIndex(std::max(0, m_track->findText(m_wantedTrack)));
    showTrack();
}

void FlameView::setMode(Mode mode)
{
    const bool wasTime = m_mode == Mode::TimeOrdered;
    m_mode = mode;
    m_modeBox->setCurrentIndex(int(mode));
    m_model->setTimeOrdered(mode == Mode::TimeOrdered);
    if (mode == Mode::TimeOrdered) {
        fillTracks();
    } else {
        m_wantedPath.clear();
        m_timeScene.reset();
        m_sampleScene.reset();
        m_model->setBottomUp(mode == Mode::Callers);
        if (wasTime)
            showTree();
    }
    const bool searching = !m_search->text().isEmpty() && mode == Mode::TimeOrdered;
    m_spanSearch->setExpression(searching ? m_search->expression() : QRegularExpression());
    refresh();
}

void FlameView::updateWording()
{
    FlameWording wording;
    wording.isBottomUp = m_mode == Mode::Callers;
    wording.isPreview = m_mode != Mode::TimeOrdered && m_model->tree() && m_model->tree()->isPreview;
    wording.isProfile = !isDrawingSpans();
    wording.isTime = m_mode == Mode::TimeOrdered;
    m_canvas->setWording(wording);
}

void FlameView::showTree()
{
    if (m_mode == Mode::TimeOrdered)
        return;
    // The same place again after a filter or a reload, found by the names on the way.
    const QString kind = modeId(m_mode) + QString::number(m_model->profile().value_or(kSpans));
    const bool isSameKind = std::exchange(m_treeKind, kind) == kind;
    if (isSameKind && m_treeScene && m_canvas->scene() == m_treeScene.get() && m_canvas->isZoomed()) {
        const std::uint32_t zoomed = m_canvas->zoomedFrame();
        if (zoomed != FlameScene::kNothing)
            m_wantedPath = items::pathOf(*m_treeScene->tree().tree, zoomed);
    }
    m_treeScene = m_model->tree() ? std::make_shared<FlameTreeScene>(m_model->tree(), tr("all")) : nullptr;
    updateWording();
    m_canvas->setScene(m_treeScene);
    if (m_treeScene && !m_treeScene->tree().isPreview) {
        const std::uint32_t node = items::nodeOfPath(*m_treeScene->tree().tree, m_wantedPath);
        m_wantedPath.clear();
        if (node != 0)
            m_canvas->zoomToFrame(node, true);
    }
    applySearch();
    refresh();
}

void FlameView::showTrack()
{
    if (m_mode != Mode::TimeOrdered)
        return;
    if (!isDrawingSpans()) {
        showSamples();
        return;
    }
    m_sampleScene.reset();
    const auto pyramid = context()->pyramid();
    const bool usable = pyramid && m_track->currentIndex() >= 0;
    const std::uint32_t track = m_track->currentData().toUInt();
    const double low = m_canvas->low();
    const double high = m_canvas->high();
    const bool sameTrack = m_timeScene && usable && m_timeScene->track() == track && m_canvas->isZoomed();
    m_timeScene
        = usable ? std::make_shared<FlameTimeScene>(pyramid, track, context()->filterBitmap()) : nullptr;
    updateWording();
    m_canvas->setScene(m_timeScene);
    if (sameTrack)
        m_canvas->setWindow(low, high, false);
    else
        showRange();
    m_spanSearch->setTrack(track);
    applySearch();
    refresh();
}

void FlameView::showSamples()
{
    m_timeScene.reset();
    const auto lanes = m_model->lanes();
    const bool isSame = m_sampleScene && lanes && &m_sampleScene->lanes() == lanes.get();
    if (!isSame) {
        m_sampleScene = lanes && lanes->rows() > 0 ? std::make_shared<FlameSampleScene>(lanes) : nullptr;
        updateWording();
        m_canvas->setScene(m_sampleScene);
        if (m_sampleScene && !m_search->text().isEmpty())
            m_sampleScene->setSearch(m_search->expression());
        showRange();
    }
    applySearch();
    refresh();
}

void FlameView::showRange()
{
    FlameScene *scene = m_canvas->scene();
    if (!scene || !scene->isTimeAxis())
        return;
    const auto range = context()->range();
    if (!range) {
        m_canvas->resetZoom();
    } else {
        const Nanos margin = std::max<Nanos>(5, range->length() / 20);
        const double low = double(saturatingSub(saturatingSub(range->begin, margin), scene->origin()));
        const double high = double(saturatingSub(saturatingAdd(range->end, margin), scene->origin()));
        // A track with nothing in the range stays whole, and all of it lies outside.
        if (high > 0 && low < scene->extent())
            m_canvas->setWindow(std::max(low, 0.0), std::min(high, scene->extent()), true);
    }
    m_canvas->update();
}

QJsonObject FlameView::saveState() const
{
    QJsonObject state;
    m_source->saveState(state);
    if (!m_model->transforms().empty())
        state.insert(QStringLiteral("transforms"), transformsToJson(m_model->transforms()));
    state.insert(QStringLiteral("mode"), modeId(m_mode));
    state.insert(QStringLiteral("colour"), m_colour->currentIndex());
    state.insert(QStringLiteral("upward"), m_canvas->isUpward());
    state.insert(QStringLiteral("track"), m_wantedTrack);
    const std::uint32_t zoomed = m_canvas->zoomedFrame();
    if (m_treeScene && m_canvas->scene() == m_treeScene.get() && zoomed != FlameScene::kNothing) {
        QJsonArray path;
        for (const std::string &name : items::pathOf(*m_treeScene->tree().tree, zoomed))
            path << QString::fromStdString(name);
        state.insert(QStringLiteral("path"), path);
    }
    return state;
}

void FlameView::restoreState(const QJsonObject &state)
{
    m_wantedTrack = state.value(QStringLiteral("track")).toString();
    m_colour->setCurrentIndex(
        std::clamp(state.value(QStringLiteral("colour")).toInt(), 0, m_colour->count() - 1));
    m_flipAction->setChecked(state.value(QStringLiteral("upward")).toBool());
    const QString mode = state.value(QStringLiteral("mode")).toString();
    for (const Mode candidate : {Mode::Merged, Mode::Callers, Mode::TimeOrdered}) {
        if (modeId(candidate) == mode)
            setMode(candidate);
    }
    // Taken when the tree is there.
    m_wantedPath.clear();
    for (const auto &name : state.value(QStringLiteral("path")).toArray())
        m_wantedPath.push_back(name.toString().toStdString());
    m_source->restoreState(state);
    m_model->setTransforms(transformsFromJson(state.value(QStringLiteral("transforms")).toArray()));
    if (m_treeScene && !m_wantedPath.empty()) {
        // Of no kind yet: the place shown now is not to be kept.
        m_treeKind.clear();
        showTree();
    }
}

bool FlameView::isReady() const
{
    return !m_model->isBusy() && !m_spanSearch->isRunning() && !context()->isFilterPending()
        && !session()->isLoading();
}

void FlameView::startSearch() { m_search->activate(); }

void FlameView::zoomBy(double factor) { m_canvas->zoomBy(factor); }

const analysis::TrackInfo *FlameView::currentTrack() const
{
    const auto columns = context()->columns();
    const std::uint32_t track = m_track->currentData().toUInt();
    return columns && m_track->currentIndex() >= 0 && track < columns->tracks.size() ? &columns->tracks[track]
                                                                                     : nullptr;
}

QString FlameView::showSql() const
{
    const bool isTrack = m_mode == Mode::TimeOrdered && isDrawingSpans();
    const analysis::TrackInfo *track = isTrack ? currentTrack() : nullptr;
    return track ? items::trackSpansSql(track->id, context()->whereSql()) : m_model->sql();
}

} // namespace tailscope::widgets
