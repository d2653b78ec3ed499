// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/queue/queueview.h"

#include "base/text.h"
#include "items/liverefresh.h"
#include "items/queuemodel.h"
#include "session/session.h"
#include "widgets/base/celltableview.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/charts/plotcanvas.h"
#include "widgets/charts/plotview.h"

#include <QSignalBlocker>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

#include <cmath>

namespace tailscope::widgets {

using items::QueueLane;
using items::QueueModel;

namespace {

constexpr int kMaxMarks = 60;

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

} // namespace

QueueView::QueueView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new QueueModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_note(new ElidedLabel(this))
    , m_queues(new CellTableView(m_model->queues(), tr("Queues and consumer groups"), this))
    , m_phases(new CellTableView(m_model->phases(), tr("Phases of the chosen queue"), this))
    , m_alarms(new CellTableView(m_model->alarms(), tr("When simple alarms would have fired"), this))
    , m_partitions(new CellTableView(m_model->partitions(), tr("Partitions of the chosen queue"), this))
    , m_depth(new PlotView(session->context(), this))
    , m_rates(new PlotView(session->context(), this))
    , m_pages(new QTabWidget(this))
{
    setAccessibleName(tr("Queues"));
    m_pages->setAccessibleName(tr("More about the chosen queue"));
    m_pages->setDocumentMode(true);
    m_pages->addTab(m_phases, tr("Phases"));
    m_pages->addTab(m_alarms, tr("Alarms"));
    m_pages->addTab(m_partitions, tr("Partitions"));
    buildLayout();
    connectAll();
    setFocusProxy(m_queues);
    refresh();
}

void QueueView::buildLayout()
{
    m_note->setContentsMargins(8, 4, 8, 4);
    auto *splitter = new QSplitter(Qt::Vertical, this);
    for (QWidget *part : {static_cast<QWidget *>(m_queues), static_cast<QWidget *>(m_depth),
             static_cast<QWidget *>(m_rates), static_cast<QWidget *>(m_pages)})
        splitter->addWidget(part);
    splitter->setSizes({120, 260, 220, 230});
    splitter->setChildrenCollapsible(false);
    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_note);
    layout->addWidget(splitter, 1);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(page);
    outer->addWidget(m_stack);
}

void QueueView::connectPlot(PlotView *plot)
{
    connect(plot, &PlotView::rangeSelected, this, [this](double low, double high) {
        context()->setRange(TimeRange{saturatingAdd(origin(), Nanos(std::floor(low))),
            saturatingAdd(origin(), Nanos(std::ceil(high)))});
    });
    connect(plot, &PlotView::rangeCleared, this, [this] { context()->setRange(std::nullopt); });
    connect(plot, &PlotView::readoutChanged, this, &View::statusText);
    PlotView *other = plot == m_depth ? m_rates : m_depth;
    connect(plot, &PlotView::cursorMoved, this,
        [other](std::optional<double> x) { other->canvas()->setCursorX(x); });
}

void QueueView::connectAll()
{
    connect(m_model, &QueueModel::changed, this, &QueueView::refresh);
    connect(m_model, &QueueModel::chosenChanged, this, &QueueView::showChosen);
    connect(m_model, &QueueModel::busyChanged, this, &View::readyChanged);
    connect(m_queues, &CellTableView::currentIdChanged, this, [this](qint64 id) {
        if (id < 0)
            return;
        m_model->choose(int(id));
        if (const QueueLane *lane = m_model->lane())
            context()->setSelection({session::Selection::Kind::Queue, 0,
                fromUtf8(lane->track.group.empty() ? lane->track.queue : lane->track.group)});
    });
    for (CellTableView *table : {m_queues, m_phases, m_alarms, m_partitions})
        connect(table, &CellTableView::sqlRequested, this, [this] { Q_EMIT sqlRequested(showSql()); });
    connect(m_phases, &QTableView::activated, this, &QueueView::narrowToPhase);
    connect(m_empty, &EmptyState::buttonClicked, this, [this] {
        const auto overview = m_model->overview();
        if (overview && overview->all > 0)
            context()->setRange(std::nullopt);
        else
            Q_EMIT commandRequested(QStringLiteral("open"), {});
    });
    connect(context(), &session::SessionContext::selectionChanged, this, &QueueView::followSelection);
    connectPlot(m_depth);
    connectPlot(m_rates);
}

/// What another view chose, a finding for example: the group, or the queue where it has none.
void QueueView::followSelection()
{
    const session::Selection selection = context()->selection();
    const auto overview = m_model->overview();
    if (selection.kind != session::Selection::Kind::Queue || !overview)
        return;
    for (std::size_t i = 0; i < overview->lanes.size(); ++i) {
        const analysis::QueueTrack &track = overview->lanes[i].track;
        if (fromUtf8(track.group.empty() ? track.queue : track.group) == selection.text)
            return m_queues->selectId(qint64(i));
    }
}

QString QueueView::showSql() const { return m_model->sql(); }

QJsonObject QueueView::saveState() const { return {{QStringLiteral("page"), m_pages->currentIndex()}}; }

void QueueView::restoreState(const QJsonObject &state)
{
    m_pages->setCurrentIndex(state.value(QStringLiteral("page")).toInt());
}

bool QueueView::isReady() const { return !m_model->isBusy() && !session()->isLoading(); }

void QueueView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void QueueView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

Nanos QueueView::origin() const
{
    if (const auto range = items::shownRange(*session()))
        return range->begin;
    const QueueLane *lane = m_model->lane();
    return lane && !lane->track.points.empty() ? lane->track.points.front().ts : 0;
}

void QueueView::refresh()
{
    const auto overview = m_model->overview();
    if (!overview || overview->lanes.empty()) {
        showEmpty();
        m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
    followSelection();
    {
        // Nobody chose it: the shared selection stays as it is.
        const QSignalBlocker blocker(m_queues);
        m_queues->selectId(m_model->chosen());
    }
    showChosen();
}

void QueueView::showEmpty()
{
    const auto overview = m_model->overview();
    if (!m_model->errorText().isEmpty())
        m_empty->setContent(QStringLiteral("critical"), tr("The Queues Could Not Be Read"),
            m_model->errorText());
    else if (!overview)
        m_empty->setContent(QStringLiteral("queue"), tr("Reading the Queues…"),
            tr("The verdicts follow at once."));
    else if (overview->all == 0)
        m_empty->setContent(QStringLiteral("queue"), tr("No Queues"),
            tr("Open what kafka-consumer-groups --describe prints (again and again, with the time before "
               "each), a table"
               " with ts, group, topic, partition, current_offset, log_end_offset, lag, members, assigned, "
               "or counters of"
               " SQS, BullMQ or RabbitMQ."),
            tr("Open Files…"));
    else
        m_empty->setContent(QStringLiteral("filter"), tr("No Sample in This Range"),
            tr("There are %1 samples of queues, none of them in the chosen time.")
                .arg(fromUtf8(groupedCount(overview->all))),
            tr("Show All Times"));
}

PlotContent QueueView::content(const QString &title) const
{
    PlotContent content;
    content.title = title;
    content.selectable = true;
    content.x.unit = PlotUnit::Time;
    content.x.title = tr("Time");
    content.x.origin = origin();
    content.y.unit = PlotUnit::Count;
    content.y.title = title;
    content.y.low = 0;
    return content;
}

void QueueView::addMarks(PlotContent &content, bool labelled) const
{
    const QueueLane *lane = m_model->lane();
    const Nanos end = lane->last;
    for (const session::Marker &marker : session()->markers()) {
        if (marker.tsNs < content.x.origin || marker.tsNs > end || content.marks.size() >= kMaxMarks)
            continue;
        const QString title = marker.title.isEmpty() ? marker.detail : marker.title;
        content.marks.append({double(marker.tsNs - content.x.origin), labelled ? marker.kind : QString(),
            QStringLiteral("%1 %2: %3").arg(context()->timeText(marker.tsNs), marker.kind, title), true,
            std::nullopt});
    }
    if (labelled && lane->phases.size() > 1 && lane->whole.lastProgress
        && (lane->whole.word == analysis::QueueWord::Stopped))
        content.marks.append({double(*lane->whole.lastProgress - content.x.origin), tr("last work"),
            tr("Last useful work: %1").arg(context()->timeText(*lane->whole.lastProgress)), false,
            std::nullopt});
}

void QueueView::showChosen()
{
    PlotContent depth = content(tr("Depth")), rates = content(tr("Items per second"));
    depth.labelsX = false;
    QStringList note;
    if (const QueueLane *lane = m_model->lane()) {
        PlotSeries items, arrival, completion;
        items.name = tr("waiting");
        items.colorIndex = 0;
        items.filled = true;
        arrival.name = tr("arrive");
        arrival.colorIndex = 1;
        completion.name = tr("are finished");
        completion.colorIndex = 2;
        for (std::size_t i = 0; i < lane->track.points.size(); ++i) {
            const double x = double(lane->track.points[i].ts - depth.x.origin);
            items.x.push_back(x);
            items.y.push_back(lane->track.points[i].depth);
            arrival.x.push_back(x);
            arrival.y.push_back(lane->arrival[i]);
            completion.x.push_back(x);
            completion.y.push_back(lane->completion[i]);
        }
        depth.series = {items};
        rates.series = {arrival, completion};
        addMarks(depth, true);
        addMarks(rates, false);
        const QString name = lane->track.group.empty()
            ? fromUtf8(lane->track.queue)
            : tr("%1 on %2").arg(fromUtf8(lane->track.group), fromUtf8(lane->track.queue));
        note << name
             << fromUtf8(analysis::queueWord(lane->whole.word)).replace(QLatin1Char('_'), QLatin1Char(' '));
        if (lane->whole.lastProgress)
            note << tr("last useful work %1 before the end of the data")
                        .arg(fromUtf8(humanDuration(lane->last - *lane->whole.lastProgress)));
        if (lane->members > 0 && lane->assigned == 0)
            note << tr("%1 members own no partitions").arg(std::llround(lane->members));
        if (!lane->sameAs.empty())
            note << tr("%1 is the same name with other separators").arg(fromUtf8(lane->sameAs));
    }
    m_note->setText(note.join(QStringLiteral(" · ")));
    m_depth->setContent(std::move(depth));
    m_rates->setContent(std::move(rates));
    const int margin = std::max(m_depth->canvas()->wantedLeftMargin(), m_rates->canvas()->wantedLeftMargin());
    m_depth->canvas()->setLeftMargin(margin);
    m_rates->canvas()->setLeftMargin(margin);
}

void QueueView::narrowToPhase()
{
    const QueueLane *lane = m_model->lane();
    const qint64 id = m_phases->currentId();
    if (lane && id >= 0 && id < qint64(lane->phases.size()))
        context()->setRange(
            TimeRange{lane->phases[std::size_t(id)].start, lane->phases[std::size_t(id)].end + 1});
}

} // namespace tailscope::widgets
