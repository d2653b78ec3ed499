// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/compare/compareview.h"

#include "base/text.h"
#include "items/comparemodel.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"
#include "widgets/charts/plotview.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

using items::CompareModel;
using items::CompareTable;

namespace {

// Entries of the box after those of the model.
enum Entry { Nothing = -1, File = -2, Present = -3 };

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QLabel *wrappedLabel(QWidget *parent, const QString &name)
{
    auto *label = new QLabel(parent);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setAccessibleDescription(name);
    return label;
}

PlotSeries seriesOf(const items::CompareContent::Curve &curve, const QString &name, int color,
    Qt::PenStyle pen)
{
    PlotSeries series;
    series.name = name;
    series.x = curve.share;
    series.y = curve.value;
    series.colorIndex = color;
    series.pen = pen;
    return series;
}

} // namespace

CompareView::CompareView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new CompareModel(session, this))
    , m_rows(new CompareTable(this))
    , m_banner(new Banner(this))
    , m_bar(new QWidget(this))
    , m_first(new QComboBox(m_bar))
    , m_keep(new QToolButton(m_bar))
    , m_verdict(wrappedLabel(this, tr("Verdict")))
    , m_sets(wrappedLabel(this, tr("The two sets")))
    , m_busyMark(new QLabel(tr("comparing…"), m_bar))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_splitter(new QSplitter(Qt::Vertical, this))
    , m_table(new QTableView(this))
    , m_curves(new PlotView(session->context(), this))
{
    setAccessibleName(tr("Comparison of two sets"));
    createActions();
    buildLayout();
    connectParts();
    fillBox();
    showContent();
}

void CompareView::createActions()
{
    const auto add = [this](const QString &text, auto run) {
        auto *action = new QAction(text, this);
        connect(action, &QAction::triggered, this, run);
        m_actions << action;
        return action;
    };
    add(tr("Copy as Markdown"), [this] { QApplication::clipboard()->setText(markdown()); });
    auto *keep = add(tr("Use Range and Filter as A"), [this] { context()->setBaseline(m_model->current()); });
    keep->setToolTip(tr("Keep the present time range and filter as set A, then choose others for B"));
    m_keep->setDefaultAction(keep);
    auto *copyRow = new QAction(tr("Copy Row"), m_table);
    copyRow->setShortcut(QKeySequence::Copy);
    copyRow->setShortcutContext(Qt::WidgetShortcut);
    connect(copyRow, &QAction::triggered, this,
        [this] { QApplication::clipboard()->setText(m_rows->rowText(m_table->currentIndex().row())); });
    m_table->addAction(copyRow);
}

void CompareView::buildLayout()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_banner);
    auto *top = new QVBoxLayout(m_bar);
    top->setContentsMargins(6, 4, 6, 4);
    top->setSpacing(4);
    auto *boxes = new QHBoxLayout;
    auto *label = new QLabel(tr("&A:"), m_bar);
    label->setBuddy(m_first);
    m_first->setAccessibleName(tr("Set A"));
    m_first->setToolTip(tr("What the present range and filter (B) are compared with"));
    m_first->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_keep->setAccessibleName(tr("Use range and filter as A"));
    m_keep->setFocusPolicy(Qt::TabFocus);
    boxes->addWidget(label);
    boxes->addWidget(m_first);
    boxes->addWidget(m_keep);
    boxes->addStretch(1);
    m_busyMark->hide();
    boxes->addWidget(m_busyMark);
    top->addLayout(boxes);
    QFont strong = m_verdict->font();
    strong.setBold(true);
    m_verdict->setFont(strong);
    top->addWidget(m_verdict);
    top->addWidget(m_sets);
    layout->addWidget(m_bar);
    layout->addWidget(m_stack, 1);

    m_table->setModel(m_rows);
    m_table->setItemDelegate(new BarDelegate(CompareTable::BarRole, CompareTable::LevelRole, m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setAlternatingRowColors(true);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setAccessibleName(tr("Operations of both sets"));
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 10);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_splitter->addWidget(m_table);
    m_splitter->addWidget(m_curves);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setSizes({400, 400});
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_splitter);
    setFocusProxy(m_table);
    setTabOrder(m_first, m_keep);
    setTabOrder(m_keep, m_table);
    setTabOrder(m_table, m_curves);
}

void CompareView::connectParts()
{
    session::SessionContext *shared = context();
    connect(m_model, &CompareModel::changed, this, &CompareView::showContent);
    connect(m_model, &CompareModel::busyChanged, this, &CompareView::updateBusy);
    connect(shared, &session::SessionContext::baselineChanged, this, &CompareView::fillBox);
    connect(shared, &session::SessionContext::rangeChanged, this, &CompareView::fillBox);
    connect(session(), &session::Session::sourcesChanged, this, &CompareView::fillBox);
    connect(session(), &session::Session::loaded, this, [this] {
        fillBox();
        showContent();
    });
    connect(m_first, &QComboBox::activated, this, &CompareView::choose);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        &CompareView::showCurves);
    connect(m_table, &QTableView::activated, this, &CompareView::filterToRow);
    connect(m_table, &QWidget::customContextMenuRequested, this, &CompareView::showMenu);
    connect(m_curves, &PlotView::readoutChanged, this, &View::statusText);
    connect(m_curves, &PlotView::failed, this,
        [this](const QString &text) { m_banner->show(Banner::Level::Warning, text); });
    connect(m_empty, &EmptyState::buttonClicked, this, [this] {
        const auto choices = m_model->choices();
        if (m_emptyAction == EmptyAction::Open)
            Q_EMIT commandRequested(QStringLiteral("open"), {});
        else if (m_emptyAction == EmptyAction::FirstChoice && !choices.isEmpty())
            context()->setBaseline(choices.first().baseline);
    });
}

void CompareView::fillBox()
{
    m_first->clear();
    const auto &baseline = context()->baseline();
    if (!m_model->externalFile().isEmpty())
        m_first->addItem(QFileInfo(m_model->externalFile()).fileName(), Present);
    else if (baseline)
        m_first->addItem(m_model->nameOf(*baseline), Present);
    else
        m_first->addItem(tr("Choose…"), Nothing);
    const auto choices = m_model->choices();
    for (int i = 0; i < choices.size(); ++i)
        m_first->addItem(choices[i].title, i);
    m_first->addItem(tr("Another File or Workspace…"), File);
    m_first->setCurrentIndex(0);
}

void CompareView::choose(int index)
{
    const int entry = m_first->itemData(index).toInt();
    if (entry == File) {
        chooseFile();
    } else if (entry >= 0) {
        const auto choices = m_model->choices();
        if (entry < choices.size()) {
            m_model->setExternalFile({});
            context()->setBaseline(choices[entry].baseline);
        }
    }
    fillBox();
}

void CompareView::chooseFile()
{
    auto *dialog = new QFileDialog(this, tr("Compare with File or Workspace"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        m_model->setExternalFile(path);
        fillBox();
    });
    dialog->open();
}

QString CompareView::verdictText() const { return m_verdict->text(); }

QString CompareView::setsText() const { return m_sets->text(); }

QString CompareView::markdown() const
{
    const auto content = m_model->content();
    return content ? fromUtf8(analysis::comparisonMarkdown(content->comparison,
               content->firstName.toStdString(), content->secondName.toStdString()))
                   : QString();
}

void CompareView::showContent()
{
    const auto content = m_model->content();
    m_rows->setContent(content);
    QStringList notes;
    if (!m_model->error().isEmpty())
        notes << m_model->error();
    if (content) {
        m_verdict->setText(fromUtf8(analysis::headline(content->comparison)));
        QString sets = tr("A: %1, %2 spans · B: %3, %4 spans")
                           .arg(content->firstName, fromUtf8(groupedCount(content->comparison.firstSpans)),
                               content->secondName, fromUtf8(groupedCount(content->comparison.secondSpans)));
        const auto names = [&sets](const QString &title, const std::vector<std::string> &list) {
            QStringList shown;
            for (std::size_t i = 0; i < list.size() && i < 5; ++i)
                shown << fromUtf8(list[i]);
            if (list.size() > 5)
                shown << QStringLiteral("…");
            if (!shown.isEmpty())
                sets += QStringLiteral(" · ") + title.arg(list.size()) + shown.join(QStringLiteral(", "));
        };
        names(tr("only in A (%1): "), content->comparison.onlyFirst);
        names(tr("only in B (%1): "), content->comparison.onlySecond);
        m_sets->setText(sets);
        for (const std::string &warning : content->comparison.warnings)
            notes << fromUtf8(warning);
    }
    if (notes.isEmpty())
        m_banner->clear();
    else
        m_banner->show(m_model->error().isEmpty() ? Banner::Level::Info : Banner::Level::Warning,
            notes.join(QLatin1Char(' ')));
    if (m_rows->rowCount() > 0) {
        if (!m_fitted) {
            m_fitted = true;
            m_table->resizeColumnsToContents();
            m_table->setColumnWidth(CompareTable::Operation,
                std::clamp(m_table->columnWidth(CompareTable::Operation), 140, 320));
        }
        m_table->selectRow(0);
    }
    fillBox();
    showCurves();
    showState();
}

void CompareView::showCurves()
{
    const auto content = m_model->content();
    PlotContent plot;
    plot.x.unit = PlotUnit::Quantile;
    plot.x.title = tr("Percentile");
    plot.x.low = 0;
    plot.y.unit = PlotUnit::Duration;
    plot.y.logarithmic = true;
    plot.y.title = tr("Duration");
    if (content) {
        const auto *operation = m_rows->operation(m_table->currentIndex().row());
        const auto a = content->curve(false, operation), b = content->curve(true, operation);
        plot.title = operation ? fromUtf8(operation->name()) : tr("All spans");
        plot.x.high
            = 1.0 - std::pow(10.0, -std::max(2.5, std::log10(double(std::max<std::int64_t>({a.n, b.n, 1})))));
        plot.series = {seriesOf(a, tr("A"), 0, Qt::DashLine), seriesOf(b, tr("B"), 1, Qt::SolidLine)};
        for (std::size_t i = 0; operation && i < operation->percentiles.size(); ++i) {
            const auto &figure = operation->percentiles[i].second;
            if (figure.value != kUnknownNanos)
                plot.marks.append({double(figure.q.num) / double(figure.q.den),
                    tr("P%1").arg(100 * figure.q.num / figure.q.den), {}, figure.tooFewSamples,
                    double(figure.value)});
        }
    }
    m_curves->setContent(std::move(plot));
}

void CompareView::showState()
{
    const auto content = m_model->content();
    m_emptyAction = EmptyAction::None;
    bool empty = true;
    if (!m_model->hasSpans()) {
        if (session()->isLoading()) {
            m_empty->setContent(QStringLiteral("compare"), tr("Loading Spans"),
                tr("The comparison follows."));
        } else {
            m_empty->setContent(QStringLiteral("compare"), tr("No Spans Yet"),
                tr("Open a trace or a request log; then compare two times, sources or files of it."),
                tr("Open File…"));
            m_emptyAction = EmptyAction::Open;
        }
    } else if (!m_model->hasBaseline()) {
        const auto choices = m_model->choices();
        m_empty->setContent(QStringLiteral("compare"), tr("What Shall It Be Compared With?"),
            tr("B is what the time range and the filter leave. Choose A above: an earlier time, another "
               "source, a "
               "filter you used before, or another file."),
            choices.isEmpty() ? QString() : choices.first().title);
        m_emptyAction = choices.isEmpty() ? EmptyAction::None : EmptyAction::FirstChoice;
    } else if (!content) {
        m_empty->setContent(QStringLiteral("compare"), tr("Comparing"),
            tr("Both sets are sorted by operation."));
    } else if (m_rows->rowCount() == 0) {
        m_empty->setContent(QStringLiteral("compare"), tr("Nothing in Common"), m_verdict->text());
    } else {
        empty = false;
    }
    m_stack->setCurrentWidget(empty ? static_cast<QWidget *>(m_empty) : m_splitter);
    m_bar->setVisible(m_model->hasSpans());
    m_verdict->setVisible(content && !empty);
    m_sets->setVisible(content != nullptr);
    updateBusy();
}

void CompareView::filterToRow()
{
    const auto *operation = m_rows->operation(m_table->currentIndex().row());
    if (!operation)
        return;
    using Term = analysis::FilterTerm;
    analysis::Filter filter;
    const auto add = [&filter](Term::Field field, const std::string &value) {
        Term term;
        term.field = field;
        term.op = Term::Op::Equal;
        term.text = value;
        if (!value.empty())
            filter.terms.push_back(term);
    };
    add(Term::Field::Service, operation->service);
    add(Term::Field::Operation, operation->operation);
    context()->narrow(fromUtf8(filter.toText()));
}

void CompareView::showMenu(const QPoint &position)
{
    const QModelIndex index = m_table->indexAt(position);
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(themedIcon(QStringLiteral("filter")), tr("&Filter to This Operation"), this,
            &CompareView::filterToRow)
        ->setEnabled(index.isValid());
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Row"), this,
            [this, row = index.row()] { QApplication::clipboard()->setText(m_rows->rowText(row)); })
        ->setEnabled(index.isValid());
    menu->addActions(m_actions);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(m_model->sql()); });
    menu->popup(m_table->viewport()->mapToGlobal(position));
}

void CompareView::updateBusy()
{
    m_busyMark->setVisible(m_model->isBusy());
    const bool ready = CompareView::isReady(); // also called while the view is made
    if (ready != m_wasReady) {
        m_wasReady = ready;
        Q_EMIT readyChanged();
    }
}

bool CompareView::isReady() const
{
    return !session()->isLoading() && !context()->isFilterPending() && !m_model->isBusy();
}

void CompareView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void CompareView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

QJsonObject CompareView::saveState() const
{
    const auto &baseline = context()->baseline();
    if (!baseline)
        return {};
    QJsonObject state{{QStringLiteral("filter"), baseline->filterText},
        {QStringLiteral("source"), double(baseline->sourceId)}};
    if (baseline->range) {
        // As text: a double does not hold nanoseconds of our days.
        state.insert(QStringLiteral("begin"), QString::number(baseline->range->begin));
        state.insert(QStringLiteral("end"), QString::number(baseline->range->end));
    }
    return state;
}

void CompareView::restoreState(const QJsonObject &state)
{
    if (state.value(QStringLiteral("before")).toBool()) {
        const auto choices = m_model->choices();
        if (!choices.isEmpty())
            context()->setBaseline(choices.first().baseline);
        return;
    }
    if (!state.contains(QStringLiteral("filter")))
        return;
    session::Baseline baseline;
    baseline.filterText = state.value(QStringLiteral("filter")).toString();
    baseline.sourceId = qint64(state.value(QStringLiteral("source")).toDouble());
    const Nanos begin = state.value(QStringLiteral("begin")).toString().toLongLong();
    const Nanos end = state.value(QStringLiteral("end")).toString().toLongLong();
    if (end > begin)
        baseline.range = TimeRange{begin, end};
    context()->setBaseline(baseline);
}

QString CompareView::showSql() const { return m_model->sql(); }

} // namespace tailscope::widgets
