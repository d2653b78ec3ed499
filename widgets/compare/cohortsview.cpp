// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/compare/cohortsview.h"

#include "base/text.h"
#include "items/cohortmodel.h"
#include "items/cohorttable.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/emptystate.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QListWidget>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

using items::CohortTable;
using session::Cohort;

namespace {

enum SlowChoice { Slowest1, Slowest5, Slowest10, ChosenDurations };
enum RestChoice { Others, Middle, TimeBefore, GivenBaseline };

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

} // namespace

CohortsView::CohortsView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new items::CohortModel(session, this))
    , m_rows(new CohortTable(this))
    , m_banner(new Banner(this))
    , m_bar(new QWidget(this))
    , m_slow(new QComboBox(m_bar))
    , m_rest(new QComboBox(m_bar))
    , m_unit(new QComboBox(m_bar))
    , m_all(new QCheckBox(tr("Show what does &not differ"), m_bar))
    , m_sets(wrappedLabel(this, tr("The two sets")))
    , m_answer(wrappedLabel(this, tr("Answer")))
    , m_busyMark(new QLabel(tr("comparing…"), m_bar))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_splitter(new QSplitter(Qt::Vertical, this))
    , m_table(new QTableView(this))
    , m_examplesTitle(new QLabel(this))
    , m_examples(new QListWidget(this))
{
    setAccessibleName(tr("Slow requests against the rest"));
    createActions();
    buildLayout();
    connectParts();
    fillBoxes();
    showContent();
}

void CohortsView::buildBar(QBoxLayout *layout)
{
    const auto add = [&](const QString &title, QComboBox *box, const QString &name, const QString &tip) {
        auto *label = new QLabel(title, m_bar);
        label->setBuddy(box);
        box->setAccessibleName(name);
        box->setToolTip(tip);
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        layout->addWidget(label);
        layout->addWidget(box);
    };
    add(tr("&Slow:"), m_slow, tr("Slow requests"),
        tr("Which requests of the range and filter are the slow ones. Drag in the histogram of the "
           "distribution to "
           "choose durations."));
    add(tr("&Against:"), m_rest, tr("Compared with"), tr("Which requests they are compared with"));
    add(tr("&Of:"), m_unit, tr("What is compared"),
        tr("A request is a span that passes the filter while its parent does not; without a filter: the root "
           "of a "
           "trace"));
    m_unit->addItem(tr("Requests"));
    m_unit->addItem(tr("Every Span"));
    m_all->setToolTip(tr("Also list what is more frequent by chance, or by less than a fifth"));
    layout->addWidget(m_all);
    layout->addStretch(1);
    m_busyMark->hide();
    layout->addWidget(m_busyMark);
}

void CohortsView::buildLayout()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_banner);
    auto *top = new QVBoxLayout(m_bar);
    top->setContentsMargins(6, 4, 6, 4);
    top->setSpacing(4);
    auto *boxes = new QHBoxLayout;
    boxes->setSpacing(6);
    buildBar(boxes);
    top->addLayout(boxes);
    top->addWidget(m_sets);
    QFont strong = m_answer->font();
    strong.setBold(true);
    m_answer->setFont(strong);
    top->addWidget(m_answer);
    layout->addWidget(m_bar);
    layout->addWidget(m_stack, 1);

    m_table->setModel(m_rows);
    m_table->setItemDelegate(new BarDelegate(CohortTable::BarRole, CohortTable::LevelRole, m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setAlternatingRowColors(true);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setAccessibleName(tr("Differences"));
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 10);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);

    auto *below = new QWidget(m_splitter);
    auto *belowLayout = new QVBoxLayout(below);
    belowLayout->setContentsMargins(0, 2, 0, 0);
    belowLayout->setSpacing(2);
    m_examplesTitle->setContentsMargins(6, 0, 6, 0);
    belowLayout->addWidget(m_examplesTitle);
    belowLayout->addWidget(m_examples, 1);
    m_examples->setFrameShape(QFrame::NoFrame);
    m_examples->setAccessibleName(tr("Example requests"));
    m_examples->setContextMenuPolicy(Qt::CustomContextMenu);
    m_splitter->addWidget(m_table);
    m_splitter->addWidget(below);
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setSizes({600, (fontMetrics().height() + 6) * 6});
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_splitter);
    setFocusProxy(m_table);
    setTabOrder(m_slow, m_rest);
    setTabOrder(m_rest, m_unit);
    setTabOrder(m_unit, m_all);
    setTabOrder(m_all, m_table);
    setTabOrder(m_table, m_examples);
}

void CohortsView::connectParts()
{
    session::SessionContext *shared = context();
    connect(m_model, &items::CohortModel::changed, this, &CohortsView::showContent);
    connect(m_model, &items::CohortModel::busyChanged, this, &CohortsView::updateBusy);
    connect(shared, &session::SessionContext::cohortChanged, this, &CohortsView::fillBoxes);
    connect(shared, &session::SessionContext::baselineChanged, this, &CohortsView::fillBoxes);
    connect(shared, &session::SessionContext::rangeChanged, this, &CohortsView::fillBoxes);
    connect(session(), &session::Session::loaded, this, &CohortsView::showContent);
    connect(m_slow, &QComboBox::activated, this, &CohortsView::slowChosen);
    connect(m_rest, &QComboBox::activated, this, &CohortsView::restChosen);
    connect(m_unit, &QComboBox::activated, this, [this](int index) {
        Cohort cohort = context()->cohort();
        cohort.everySpan = index == 1;
        context()->setCohort(cohort);
    });
    connect(m_all, &QCheckBox::toggled, this, [this](bool on) {
        m_rows->setShowAll(on);
        showState();
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        &CohortsView::showExamples);
    connect(m_table, &QTableView::activated, this, &CohortsView::filterToRow);
    connect(m_table, &QWidget::customContextMenuRequested, this, &CohortsView::showMenu);
    connect(m_examples, &QListWidget::itemActivated, this, &CohortsView::openExample);
    connect(m_examples, &QWidget::customContextMenuRequested, this, &CohortsView::showExampleMenu);
    connect(m_empty, &EmptyState::buttonClicked, this, [this] {
        Cohort cohort = context()->cohort();
        if (m_emptyAction == EmptyAction::Open) {
            Q_EMIT commandRequested(QStringLiteral("open"), {});
        } else if (m_emptyAction == EmptyAction::Reset) {
            context()->resetNavigation();
        } else if (m_emptyAction == EmptyAction::EverySpan) {
            cohort.everySpan = true;
            context()->setCohort(cohort);
        }
    });
}

void CohortsView::fillBoxes()
{
    const Cohort &cohort = context()->cohort();
    m_slow->clear();
    m_slow->addItem(tr("Slowest 1 %"), Slowest1);
    m_slow->addItem(tr("Slowest 5 %"), Slowest5);
    m_slow->addItem(tr("Slowest 10 %"), Slowest10);
    const bool byDurations = cohort.slow == Cohort::Slow::Durations;
    if (byDurations)
        m_slow->addItem((cohort.ofSelfTime ? tr("Self time %1") : tr("%1")).arg(items::slowWords(cohort)),
            ChosenDurations);
    m_slow->setCurrentIndex(byDurations                      ? int(ChosenDurations)
            : cohort.percentile == analysis::Quantile{9, 10} ? int(Slowest10)
            : cohort.percentile == analysis::kP95            ? int(Slowest5)
                                                             : int(Slowest1));
    m_rest->clear();
    m_rest->addItem(tr("All Others"), Others);
    m_rest->addItem(tr("Usual Ones (P40 to P60)"), Middle);
    if (context()->range())
        m_rest->addItem(tr("Time Before the Range"), TimeBefore);
    if (cohort.rest == Cohort::Rest::Baseline || context()->baseline())
        m_rest->addItem(tr("Baseline"), GivenBaseline);
    const int rest = cohort.rest == Cohort::Rest::Middle ? int(Middle)
        : cohort.rest == Cohort::Rest::Baseline          ? int(GivenBaseline)
                                                         : int(Others);
    m_rest->setCurrentIndex(std::max(0, m_rest->findData(rest)));
    m_unit->setCurrentIndex(cohort.everySpan ? 1 : 0);
}

void CohortsView::slowChosen(int index)
{
    Cohort cohort = context()->cohort();
    const int choice = m_slow->itemData(index).toInt();
    if (choice == ChosenDurations)
        return;
    cohort.slow = Cohort::Slow::AbovePercentile;
    cohort.percentile = choice == Slowest1 ? analysis::kP99
        : choice == Slowest5               ? analysis::kP95
                                           : analysis::kP90;
    context()->setCohort(cohort);
}

void CohortsView::restChosen(int index)
{
    Cohort cohort = context()->cohort();
    const int choice = m_rest->itemData(index).toInt();
    if (choice == TimeBefore) {
        if (const auto before = m_model->timeBefore())
            context()->setBaseline(before);
    }
    cohort.rest = choice == Middle                        ? Cohort::Rest::Middle
        : choice == TimeBefore || choice == GivenBaseline ? Cohort::Rest::Baseline
                                                          : Cohort::Rest::Others;
    context()->setCohort(cohort);
}

QString CohortsView::setsText() const { return m_sets->text(); }

QString CohortsView::answerText() const { return m_answer->text(); }

void CohortsView::showContent()
{
    const auto content = m_model->content();
    m_rows->setContent(content);
    if (content) {
        m_sets->setText(setsSentence(*content));
        m_answer->setText(answerSentence(*content));
    }
    if (m_model->error().isEmpty())
        m_banner->clear();
    else
        m_banner->show(Banner::Level::Warning, m_model->error());
    if (m_rows->rowCount() > 0) {
        if (!m_fitted)
            fitColumns();
        m_table->selectRow(0);
    }
    showExamples();
    showState();
}

void CohortsView::showState()
{
    const auto content = m_model->content();
    m_emptyAction = EmptyAction::None;
    bool empty = true;
    if (!m_model->hasSpans()) {
        if (session()->isLoading()) {
            m_empty->setContent(QStringLiteral("cohorts"), tr("Loading Spans"),
                tr("The comparison follows."));
        } else {
            m_empty->setContent(QStringLiteral("cohorts"), tr("No Spans Yet"),
                tr("Open a trace or a request log to see what its slowest requests have in common."),
                tr("Open File…"));
            m_emptyAction = EmptyAction::Open;
        }
    } else if (!content) {
        m_empty->setContent(QStringLiteral("cohorts"), tr("Comparing"), tr("Attributes are read once."));
    } else if (content->sets.requests == 0) {
        m_empty->setContent(QStringLiteral("filter"), tr("No Request Passes"),
            tr("The time range and the filter leave no request with a known duration."),
            tr("Show Everything"));
        m_emptyAction = EmptyAction::Reset;
    } else if (content->sets.allEqual) {
        m_empty->setContent(QStringLiteral("cohorts"), tr("All Take the Same Time"),
            tr("%1 requests have one and the same duration: none is slow.")
                .arg(fromUtf8(groupedCount(content->sets.requests))));
    } else if (content->report->tooFew) {
        const bool canWiden = !content->cohort.everySpan;
        m_empty->setContent(QStringLiteral("cohorts"), tr("Too Few to Compare"),
            tr("%1 slow requests against %2: each set needs at least %3. Choose a larger share or a longer "
               "time%4")
                .arg(fromUtf8(groupedCount(content->report->slow)),
                    fromUtf8(groupedCount(content->report->rest)),
                    QString::number(analysis::kMinSlowRequests),
                    canWiden ? tr(", or compare every span.") : QStringLiteral(".")),
            canWiden ? tr("Compare Every Span") : QString());
        m_emptyAction = canWiden ? EmptyAction::EverySpan : EmptyAction::None;
    } else if (m_rows->rowCount() == 0) {
        m_empty->setContent(QStringLiteral("cohorts"), tr("Nothing Sets Them Apart"),
            tr("%1 values, operations and times were compared. Switch on \"%2\" to see them.")
                .arg(fromUtf8(groupedCount(content->report->tested)),
                    m_all->text().remove(QLatin1Char('&'))));
    } else {
        empty = false;
    }
    m_stack->setCurrentWidget(empty ? static_cast<QWidget *>(m_empty) : m_splitter);
    m_bar->setVisible(m_model->hasSpans());
    m_sets->setVisible(content != nullptr);
    m_answer->setVisible(!empty && !m_answer->text().isEmpty());
    updateBusy();
}

void CohortsView::fitColumns()
{
    m_fitted = true;
    m_table->resizeColumnsToContents();
    m_table->setColumnWidth(CohortTable::What, std::clamp(m_table->columnWidth(CohortTable::What), 180, 380));
    for (const int column : {int(CohortTable::SlowColumn), int(CohortTable::AllColumn)})
        m_table->setColumnWidth(column, std::clamp(m_table->columnWidth(column), 150, 260));
}

void CohortsView::updateBusy()
{
    m_busyMark->setVisible(m_model->isBusy());
    const bool ready = CohortsView::isReady(); // also called while the view is made
    if (ready != m_wasReady) {
        m_wasReady = ready;
        Q_EMIT readyChanged();
    }
}

bool CohortsView::isReady() const
{
    return !session()->isLoading() && !context()->isFilterPending() && !m_model->isBusy();
}

void CohortsView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void CohortsView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

QString CohortsView::showSql() const { return m_model->sql(); }

QJsonObject CohortsView::saveState() const
{
    const Cohort &cohort = context()->cohort();
    return {{QStringLiteral("all"), m_all->isChecked()},
        {QStringLiteral("share"), 1 - double(cohort.percentile.num) / double(cohort.percentile.den)},
        {QStringLiteral("middle"), cohort.rest == Cohort::Rest::Middle},
        {QStringLiteral("everySpan"), cohort.everySpan}};
}

void CohortsView::restoreState(const QJsonObject &state)
{
    m_all->setChecked(state.value(QStringLiteral("all")).toBool(m_all->isChecked()));
    Cohort cohort = context()->cohort();
    if (cohort.slow == Cohort::Slow::AbovePercentile) {
        const double share = state.value(QStringLiteral("share")).toDouble(0.01);
        cohort.percentile = share > 0.07 ? analysis::kP90 : share > 0.03 ? analysis::kP95 : analysis::kP99;
    }
    if (cohort.rest != Cohort::Rest::Baseline)
        cohort.rest
            = state.value(QStringLiteral("middle")).toBool() ? Cohort::Rest::Middle : Cohort::Rest::Others;
    cohort.everySpan = state.value(QStringLiteral("everySpan")).toBool(cohort.everySpan);
    context()->setCohort(cohort);
}

} // namespace tailscope::widgets
