// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/remote/remoteview.h"

#include "base/text.h"
#include "items/remotemodel.h"
#include "session/session.h"
#include "widgets/base/celltableview.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/charts/plotview.h"
#include "widgets/remote/remotedialog.h"
#include "widgets/remote/remoteheatpage.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QItemSelectionModel>
#include <QJsonArray>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

using analysis::LogLinearHistogram;
using items::RemoteModel;
using live::RemoteKey;

namespace {

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }
QString count(std::int64_t n) { return fromUtf8(groupedCount(n)); }

} // namespace

RemoteView::RemoteView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new RemoteModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_banner(new Banner(this))
    , m_store(new QComboBox(this))
    , m_key(new QComboBox(this))
    , m_range(new QLineEdit(this))
    , m_filter(new QLineEdit(this))
    , m_roots(new QCheckBox(tr("Requests only"), this))
    , m_define(new QPushButton(tr("New…"), this))
    , m_change(new QPushButton(tr("Change…"), this))
    , m_forget(new QPushButton(tr("Forget"), this))
    , m_ask(new QPushButton(tr("Ask"), this))
    , m_cancel(new QPushButton(tr("Cancel"), this))
    , m_exact(new QPushButton(tr("Exact Percentiles"), this))
    , m_compare(new QPushButton(tr("Compare the Slowest 1 %"), this))
    , m_fetch(new QPushButton(tr("Fetch and Open"), this))
    , m_status(new ElidedLabel(this))
    , m_note(new ElidedLabel(this))
    , m_plot(new PlotView(nullptr, this))
    , m_percentiles(new CellTableView(m_model->percentiles(), tr("Percentiles"), this))
    , m_groups(new CellTableView(m_model->groups(), tr("Groups"), this))
    , m_cohort(new CellTableView(m_model->cohort(), tr("Slow against the rest"), this))
    , m_traces(new CellTableView(m_model->traces(), tr("Slowest traces"), this))
    , m_queries(new CellTableView(m_model->queries(), tr("Queries"), this))
    , m_tabs(new QTabWidget(this))
    , m_heat(new RemoteHeatPage(session, m_model, this))
{
    setAccessibleName(tr("Remote Store"));
    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildBars());
    layout->addWidget(m_banner);
    m_status->setContentsMargins(8, 4, 8, 4);
    layout->addWidget(m_status);
    layout->addWidget(buildBody(), 1);
    m_note->setContentsMargins(8, 4, 8, 4);
    m_note->setText(
        tr("Tested with PostgreSQL and postgres_fdw shards. Citus, CockroachDB, YugabyteDB, Greenplum and "
           "Timescale could not be tested."));
    layout->addWidget(m_note);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(page);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);
    m_empty->setContent(QStringLiteral("remote"), tr("No Remote Store"),
        tr("Billions of spans can stay in a PostgreSQL table: histograms, groups and comparisons are "
           "computed there, and "
           "only the traces you choose come here. Name the server and the table; its columns are guessed. "
           "Tested with "
           "PostgreSQL and postgres_fdw shards only."),
        tr("New Remote Store…"));
    connectAll();
    setFocusProxy(m_store);
    refreshStores();
    refresh();
}

QWidget *RemoteView::buildBars()
{
    m_store->setAccessibleName(tr("Remote store"));
    m_store->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_range->setAccessibleName(tr("Range of time"));
    m_range->setPlaceholderText(tr("last hour; BEGIN..END in UTC; all"));
    m_filter->setAccessibleName(tr("Filter"));
    m_filter->setPlaceholderText(tr("service=checkout duration>=5ms status=error"));
    m_key->setAccessibleName(tr("Group by"));
    m_roots->setToolTip(tr("Spans without a parent"));
    m_ask->setToolTip(tr("Histogram, groups and slowest traces; every query ends after 60 s"));
    m_cancel->setToolTip(tr("Closes the connection: the server stops"));
    auto *bars = new QWidget(this);
    auto *layout = new QVBoxLayout(bars);
    layout->setContentsMargins(8, 6, 8, 2);
    auto *first = new QHBoxLayout;
    for (QWidget *widget : {static_cast<QWidget *>(m_store), static_cast<QWidget *>(m_define),
             static_cast<QWidget *>(m_change), static_cast<QWidget *>(m_forget)})
        first->addWidget(widget);
    first->addStretch(1);
    first->addWidget(m_cancel);
    first->addWidget(m_ask);
    auto *second = new QHBoxLayout;
    const auto add = [&](const QString &title, QWidget *widget, int stretch) {
        auto *label = new QLabel(title, this);
        label->setBuddy(widget);
        second->addWidget(label);
        second->addWidget(widget, stretch);
    };
    add(tr("&Range"), m_range, 2);
    add(tr("F&ilter"), m_filter, 3);
    add(tr("&Group by"), m_key, 1);
    second->addWidget(m_roots);
    layout->addLayout(first);
    layout->addLayout(second);
    return bars;
}

QWidget *RemoteView::buildBody()
{
    const auto withButton = [this](QWidget *content, QPushButton *button) {
        auto *page = new QWidget(this);
        auto *layout = new QVBoxLayout(page);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(content, 1);
        auto *row = new QHBoxLayout;
        row->setContentsMargins(8, 0, 8, 6);
        row->addStretch(1);
        row->addWidget(button);
        layout->addLayout(row);
        return page;
    };
    m_exact->setToolTip(
        tr("A second query inside the bucket of each percentile: nearest rank, as of imported spans"));
    m_compare->setToolTip(
        tr("Spans at or above the exact P99 against all others, by every attribute; one query each"));
    m_fetch->setToolTip(
        tr("Copies the spans of the chosen traces into this workspace and opens the trace, or "
           "the list of traces when there are several"));
    auto *left = new QSplitter(Qt::Vertical, this);
    left->addWidget(m_plot);
    left->addWidget(withButton(m_percentiles, m_exact));
    left->setSizes({420, 220});
    m_tabs->addTab(m_groups, tr("Groups"));
    m_tabs->addTab(withButton(m_cohort, m_compare), tr("Slow vs Rest"));
    m_tabs->addTab(withButton(m_traces, m_fetch), tr("Slowest Traces"));
    m_tabs->addTab(m_queries, tr("Queries"));
    m_tabs->addTab(m_heat, tr("Heat Map"));
    m_tabs->setTabToolTip(m_tabs->indexOf(m_heat),
        tr("Spans by start and duration: drag to ask for a part, double click or Backspace to go back"));
    m_tabs->setDocumentMode(true);
    m_traces->setSelectionMode(QAbstractItemView::ExtendedSelection);
    auto *body = new QSplitter(Qt::Horizontal, this);
    body->addWidget(left);
    body->addWidget(m_tabs);
    body->setSizes({620, 780});
    for (QSplitter *each : {left, body})
        each->setChildrenCollapsible(false);
    return body;
}

void RemoteView::connectAll()
{
    connect(m_model, &RemoteModel::storesChanged, this, &RemoteView::refreshStores);
    connect(m_model, &RemoteModel::changed, this, &RemoteView::refresh);
    connect(m_model, &RemoteModel::busyChanged, this, [this] {
        refresh();
        goOn();
        m_heat->askWhenShown();
        Q_EMIT readyChanged();
    });
    connect(m_model, &RemoteModel::fetched, this, &RemoteView::showFetched);
    connect(m_heat, &RemoteHeatPage::rangeSelected, this,
        [this](TimeRange range) { askFor(range, std::nullopt); });
    connect(m_heat, &RemoteHeatPage::cellsSelected, this,
        [this](TimeRange range, Nanos low, Nanos high) { askFor(range, std::pair(low, high)); });
    connect(m_heat, &RemoteHeatPage::backRequested, this, &RemoteView::goBack);
    connect(m_heat, &RemoteHeatPage::readoutChanged, this, &View::statusText);
    connect(m_empty, &EmptyState::buttonClicked, this, [this] { define(true); });
    connect(m_define, &QPushButton::clicked, this, [this] { define(true); });
    connect(m_change, &QPushButton::clicked, this, [this] { define(false); });
    connect(m_forget, &QPushButton::clicked, this, [this] {
        m_before.clear();
        m_model->forget(m_model->currentStore());
    });
    connect(m_store, &QComboBox::activated, this, [this](int index) {
        m_before.clear(); // were asked of another store
        m_model->chooseStore(index);
    });
    connect(m_ask, &QPushButton::clicked, this, &RemoteView::askAnew);
    connect(m_range, &QLineEdit::returnPressed, this, &RemoteView::askAnew);
    connect(m_filter, &QLineEdit::returnPressed, this, &RemoteView::askAnew);
    connect(m_cancel, &QPushButton::clicked, m_model, &RemoteModel::cancel);
    connect(m_exact, &QPushButton::clicked, m_model, &RemoteModel::askExact);
    connect(m_compare, &QPushButton::clicked, m_model, &RemoteModel::askCohort);
    connect(m_fetch, &QPushButton::clicked, this, &RemoteView::fetch);
    connect(m_traces, &QAbstractItemView::activated, this, &RemoteView::fetch);
    for (CellTableView *table : {m_percentiles, m_groups, m_cohort, m_traces, m_queries})
        connect(table, &CellTableView::sqlRequested, this, [this] { Q_EMIT sqlRequested(showSql()); });
    connect(m_plot, &PlotView::failed, this, &View::statusText);
    connect(m_plot, &PlotView::readoutChanged, this, &View::statusText);
}

void RemoteView::define(bool isNew)
{
    m_before.clear(); // another store, or other columns of it
    auto *dialog = new RemoteDialog(m_model, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    if (!isNew && m_model->currentStore() >= 0) {
        const live::SavedStore &store = m_model->stores()[std::size_t(m_model->currentStore())];
        dialog->setStore(fromUtf8(store.conninfo), QString::fromStdString(live::toToml(store.mapping)));
    }
    dialog->open();
}

void RemoteView::refreshStores()
{
    m_store->clear();
    for (const live::SavedStore &store : m_model->stores())
        m_store->addItem(fromUtf8(store.mapping.name), fromUtf8(store.conninfo));
    m_store->setCurrentIndex(m_model->currentStore());
    refresh();
}

void RemoteView::ask()
{
    QString problem = m_model->setRange(m_range->text());
    if (problem.isEmpty())
        problem = m_model->setFilter(m_filter->text());
    if (!problem.isEmpty()) {
        m_banner->show(Banner::Level::Warning, problem);
        return;
    }
    const int known = m_key->findText(m_key->currentText());
    const int kind = known < 0 ? int(RemoteKey::Kind::Attribute) : m_key->itemData(known).toInt();
    m_model->setKey(kind == int(RemoteKey::Kind::Attribute)
            ? RemoteKey{RemoteKey::Kind::Attribute, m_key->currentText().toStdString()}
            : RemoteKey{RemoteKey::Kind(kind), {}});
    m_model->setRootsOnly(m_roots->isChecked() && m_roots->isEnabled());
    m_model->ask();
}

void RemoteView::askAnew()
{
    m_before.clear();
    ask();
}

void RemoteView::askFor(TimeRange range, const std::optional<std::pair<Nanos, Nanos>> &durations)
{
    if (m_model->isBusy())
        return; // one question at a time, as the button has it
    m_before.append({m_range->text(), m_filter->text()});
    // Of what was counted, not of what has been typed since.
    analysis::Filter filter = m_model->answer().selection.filter;
    if (durations)
        filter = items::narrowedToDurations(filter, durations->first, durations->second);
    m_range->setText(fromUtf8(utcTimestamp(range.begin) + ".." + utcTimestamp(range.end)));
    m_filter->setText(fromUtf8(filter.toText()));
    ask();
}

void RemoteView::goBack()
{
    if (m_before.isEmpty() || m_model->isBusy())
        return;
    const auto [range, filter] = m_before.takeLast();
    m_range->setText(range);
    m_filter->setText(filter);
    ask();
}

/// One trace is what somebody wants to see; of several there is a list.
void RemoteView::showFetched(qint64 trace)
{
    if (trace == 0) {
        Q_EMIT statusText(tr("The traces are in this workspace now."));
        Q_EMIT openViewRequested(QStringLiteral("traces"));
        return;
    }
    Q_EMIT statusText(tr("The trace is in this workspace now."));
    context()->setSelection({session::Selection::Kind::Trace, trace, {}});
    Q_EMIT openViewRequested(QStringLiteral("waterfall"));
}

QStringList RemoteView::chosenTraces() const
{
    QStringList traces;
    const QModelIndexList rows = m_traces->selectionModel()->selectedRows();
    for (const QModelIndex &row : rows) {
        const auto id = std::size_t(m_model->traces()->idAt(row.row()));
        if (id < m_model->answer().traces.size())
            traces << fromUtf8(m_model->answer().traces[id].trace);
    }
    return traces;
}

void RemoteView::fetch()
{
    QStringList traces = chosenTraces();
    if (traces.isEmpty()) { // all that are listed
        for (const live::RemoteTrace &trace : m_model->answer().traces)
            traces << fromUtf8(trace.trace);
    }
    m_model->fetch(traces);
}

void RemoteView::refresh()
{
    m_stack->setCurrentIndex(m_model->stores().empty() ? 0 : 1);
    const bool isBusy = m_model->isBusy();
    const items::RemoteAnswer &answer = m_model->answer();
    const bool hasSpans = answer.histogram && answer.histogram->count() > 0;
    m_ask->setEnabled(!isBusy && m_model->currentStore() >= 0);
    m_cancel->setEnabled(isBusy);
    m_exact->setEnabled(!isBusy && hasSpans);
    m_compare->setEnabled(!isBusy && hasSpans);
    m_fetch->setEnabled(!isBusy && !answer.traces.empty());
    m_store->setEnabled(!isBusy);
    m_change->setEnabled(!isBusy);
    m_forget->setEnabled(!isBusy);
    if (m_model->currentStore() >= 0) {
        const live::RemoteMapping &mapping = m_model->stores()[std::size_t(m_model->currentStore())].mapping;
        m_roots->setEnabled(!mapping.parent.empty());
        const QString chosen = m_key->currentText();
        m_key->clear();
        if (!mapping.service.empty())
            m_key->addItem(tr("Service"), int(RemoteKey::Kind::Service));
        if (!mapping.operation.empty())
            m_key->addItem(tr("Operation"), int(RemoteKey::Kind::Operation));
        if (!mapping.status.empty())
            m_key->addItem(tr("Status"), int(RemoteKey::Kind::Status));
        for (const std::string &column : mapping.attributeColumns)
            m_key->addItem(fromUtf8(column), int(RemoteKey::Kind::Attribute));
        m_key->setEditable(!mapping.attributes.empty()); // any key of the attributes can be typed
        const int at = m_key->findText(chosen);
        if (at >= 0)
            m_key->setCurrentIndex(at);
        else if (!chosen.isEmpty() && m_key->isEditable()) {
            m_key->addItem(chosen, int(RemoteKey::Kind::Attribute));
            m_key->setCurrentIndex(m_key->count() - 1);
        }
    }
    m_status->setText(statusLine());
    if (!m_model->errorText().isEmpty())
        m_banner->show(Banner::Level::Critical, m_model->errorText());
    else if (answer.plan && answer.plan->sendsRows())
        m_banner->show(Banner::Level::Warning,
            tr("The server fetches rows from its shards instead of counts: name the shard key in the "
               "mapping, and a "
               "duration column instead of an end."));
    else
        m_banner->clear();
    refreshPlot();
    m_heat->setCanGoBack(!m_before.isEmpty());
    m_heat->refresh();
}

QString RemoteView::statusLine() const
{
    if (m_model->isBusy())
        return m_model->phase().isEmpty() ? tr("Working…") : tr("%1…").arg(m_model->phase());
    const items::RemoteAnswer &answer = m_model->answer();
    if (!answer.histogram)
        return m_model->currentStore() >= 0
            ? tr("Choose a range and a filter, then Ask. The counts are made by the server.")
            : QString();
    QStringList parts{tr("%1 spans from %2 to %3")
                          .arg(count(answer.histogram->count()),
                              fromUtf8(utcTimestamp(answer.selection.range.begin)),
                              fromUtf8(utcTimestamp(live::shownEnd(answer.selection.range)))),
        tr("%1 failed").arg(count(answer.histogram->errors))};
    if (answer.histogram->unknown > 0)
        parts << tr("%1 of unknown duration").arg(count(answer.histogram->unknown));
    if (answer.histogram->shards > 0)
        parts << tr("%1 shards").arg(answer.histogram->shards);
    if (answer.plan && answer.plan->foreignScans > 0)
        parts << tr("%1 of %2 shards send counts only")
                     .arg(answer.plan->aggregatedScans)
                     .arg(answer.plan->foreignScans);
    if (answer.groups && answer.groups->others > 0)
        parts << tr("%1 more groups are not listed").arg(count(std::int64_t(answer.groups->others)));
    if (answer.cohort && answer.cohort->tooFew)
        parts << tr("too few slow spans to compare");
    else if (answer.cohort)
        parts << tr("%1 slow spans (%2 or more), %3 values differ beyond chance")
                     .arg(count(answer.cohort->slow), fromUtf8(humanDuration(answer.cohort->slowFrom)))
                     .arg(std::count_if(answer.cohort->differences.begin(), answer.cohort->differences.end(),
                         [](const auto &difference) { return difference.isDifferent; }));
    if (answer.cohort && !answer.cohort->leftOut.empty()) {
        QStringList names;
        for (const std::string &name : answer.cohort->leftOut)
            names << fromUtf8(name);
        parts << tr("too many values to compare: %1").arg(names.join(QStringLiteral(", ")));
    }
    return parts.join(QStringLiteral(" · "));
}

void RemoteView::refreshPlot()
{
    PlotContent content;
    content.title = tr("Durations");
    content.x.unit = PlotUnit::Duration;
    content.x.logarithmic = true;
    content.x.title = tr("Duration");
    content.y.unit = PlotUnit::Count;
    content.y.title = tr("Spans");
    content.y.low = 0;
    if (const auto &histogram = m_model->answer().histogram; histogram && histogram->count() > 0) {
        PlotSeries line;
        line.name = tr("Spans an eighth of a power of two");
        line.filled = true;
        // Eight buckets of the histogram in one, a width that a screen can show. They are equally wide within
        // a power of two, hence not on this axis: what is drawn is the count for the same piece of axis
        // everywhere.
        constexpr int kJoined = LogLinearHistogram::kSubBuckets / 8;
        int first = -1, last = -1;
        for (int bucket = 0; bucket < LogLinearHistogram::kBuckets; ++bucket) {
            if (histogram->buckets.count(bucket) > 0) {
                first = first < 0 ? bucket / kJoined : first;
                last = bucket / kJoined;
            }
        }
        for (int joined = first; joined <= last; ++joined) {
            std::int64_t n = 0;
            for (int i = 0; i < kJoined; ++i)
                n += histogram->buckets.count(joined * kJoined + i);
            const double low = double(std::max<Nanos>(1, LogLinearHistogram::lowerBound(joined * kJoined)));
            const double high = double(LogLinearHistogram::lowerBound(joined * kJoined + kJoined));
            line.x.insert(line.x.end(), {low, high * 0.999999});
            const double height = double(n) / (8 * std::log2(high / low));
            line.y.insert(line.y.end(), {height, height});
        }
        content.series.push_back(std::move(line));
        for (const live::RemotePercentile &percentile : histogram->percentiles) {
            if (percentile.rank > 0)
                content.marks << PlotMark{double(
                                              std::max<Nanos>(1, percentile.exact.value_or(percentile.low))),
                    QStringLiteral("P%1").arg(double(percentile.q.num) * 100 / double(percentile.q.den)),
                    fromUtf8(percentileText(percentile)), percentile.tooFewSamples, std::nullopt};
        }
    }
    m_plot->setContent(std::move(content));
}

QString RemoteView::showSql() const { return m_model->sql(); }

QString RemoteView::commandLine() const
{
    if (m_model->currentStore() < 0)
        return QStringLiteral("tailscope remote CONNINFO guess SCHEMA.TABLE > map.toml");
    const auto quoted = [](QString text) {
        return QLatin1Char('\'') + text.replace(QLatin1Char('\''), QStringLiteral("'\\''"))
            + QLatin1Char('\'');
    };
    QString command
        = QStringLiteral("tailscope remote %1 histogram --store map.toml")
              .arg(quoted(fromUtf8(m_model->stores()[std::size_t(m_model->currentStore())].conninfo)));
    if (!m_range->text().isEmpty())
        command += QStringLiteral(" --range ") + quoted(m_range->text());
    if (!m_filter->text().isEmpty())
        command += QStringLiteral(" --filter ") + quoted(m_filter->text());
    return m_roots->isChecked() ? command + QStringLiteral(" --roots") : command;
}

bool RemoteView::isReady() const
{
    const bool waits = !m_wanted.isEmpty() && !m_model->stores().empty();
    return !waits && !m_model->isBusy() && !session()->isLoading();
}

QJsonObject RemoteView::saveState() const
{
    return {{QStringLiteral("range"), m_range->text()}, {QStringLiteral("filter"), m_filter->text()},
        {QStringLiteral("roots"), m_roots->isChecked()}};
}

void RemoteView::restoreState(const QJsonObject &state)
{
    m_range->setText(state.value(QStringLiteral("range")).toString());
    m_filter->setText(state.value(QStringLiteral("filter")).toString());
    m_roots->setChecked(state.value(QStringLiteral("roots")).toBool());
    m_tabs->setCurrentIndex(state.value(QStringLiteral("tab")).toInt());
    for (const QJsonValue &step : state.value(QStringLiteral("ask")).toArray())
        m_wanted << step.toString();
    goOn();
}

void RemoteView::goOn()
{
    // A step that cannot be taken (a filter that is none, no answer) starts nothing that would end: the next.
    while (!m_wanted.isEmpty() && !m_model->isBusy() && m_model->currentStore() >= 0) {
        const QString step = m_wanted.takeFirst();
        if (step == QLatin1String("ask"))
            ask();
        else if (step == QLatin1String("exact"))
            m_model->askExact();
        else if (step == QLatin1String("cohort"))
            m_model->askCohort();
        else if (step == QLatin1String("heat"))
            m_model->askHeat();
    }
}

void RemoteView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void RemoteView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

} // namespace tailscope::widgets
