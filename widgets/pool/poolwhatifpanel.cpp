// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pool/poolwhatifpanel.h"

#include "items/poolmodel.h"
#include "widgets/base/bardelegate.h"

#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSlider>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr int kSteps = 1000;

struct FieldInfo
{
    const char *title, *suffix;
    double low, high;
    int decimals;
};
// Logarithmic sliders: a tenth and ten times as much are equally far away.
constexpr FieldInfo kFields[PoolWhatIfPanel::Fields]{
    {QT_TRANSLATE_NOOP("tailscope::widgets::PoolWhatIfPanel", "Pool &size"), "", 1, 1000, 0},
    {QT_TRANSLATE_NOOP("tailscope::widgets::PoolWhatIfPanel", "&Instances"), "", 1, 1000, 0},
    {QT_TRANSLATE_NOOP("tailscope::widgets::PoolWhatIfPanel", "Time &held"), " ms", 0.01, 100'000, 3},
    {QT_TRANSLATE_NOOP("tailscope::widgets::PoolWhatIfPanel", "&Arrivals"), " /s", 0.1, 1'000'000, 1},
    {QT_TRANSLATE_NOOP("tailscope::widgets::PoolWhatIfPanel", "Acquire &limit"), " ms", 1, 300'000, 0},
};

int stepOf(const FieldInfo &info, double value)
{
    const double t
        = std::log(std::clamp(value, info.low, info.high) / info.low) / std::log(info.high / info.low);
    return int(std::lround(t * kSteps));
}
double valueOf(const FieldInfo &info, int step)
{
    return info.low * std::pow(info.high / info.low, double(step) / kSteps);
}

} // namespace

PoolWhatIfPanel::PoolWhatIfPanel(items::PoolModel *model, QWidget *parent)
    : QWidget(parent)
    , m_model(model)
    , m_note(new QLabel(this))
    , m_reset(new QPushButton(tr("As &Measured"), this))
    , m_answers(new QTableView(this))
{
    auto *grid = new QGridLayout;
    grid->setVerticalSpacing(2);
    for (int i = 0; i < Fields; ++i) {
        auto *slider = new QSlider(Qt::Horizontal, this);
        auto *box = new QDoubleSpinBox(this);
        auto *label = new QLabel(tr(kFields[i].title), this);
        slider->setRange(0, kSteps);
        slider->setAccessibleName(label->text().remove(QLatin1Char('&')) + tr(" slider"));
        box->setRange(kFields[i].low, kFields[i].high);
        box->setDecimals(kFields[i].decimals);
        box->setSuffix(QLatin1String(kFields[i].suffix));
        box->setGroupSeparatorShown(true);
        box->setAccessibleName(label->text().remove(QLatin1Char('&')));
        box->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
        label->setBuddy(box);
        grid->addWidget(label, i, 0);
        grid->addWidget(slider, i, 1);
        grid->addWidget(box, i, 2);
        m_sliders << slider;
        m_boxes << box;
        connect(slider, &QSlider::valueChanged, this, [this, box, i](int step) {
            if (!m_filling)
                box->setValue(valueOf(kFields[i], step));
        });
        connect(box, &QDoubleSpinBox::valueChanged, this, &PoolWhatIfPanel::takeValues);
    }
    grid->setColumnStretch(1, 1);
    m_note->setWordWrap(true);
    m_answers->setModel(model->answers());
    m_answers->setItemDelegate(
        new BarDelegate(items::CellTable::BarRole, items::CellTable::LevelRole, m_answers));
    m_answers->setAccessibleName(tr("What such a pool would do"));
    m_answers->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_answers->setTabKeyNavigation(false);
    m_answers->setShowGrid(false);
    m_answers->setFrameShape(QFrame::NoFrame);
    m_answers->verticalHeader()->hide();
    m_answers->horizontalHeader()->setStretchLastSection(true);
    m_answers->setColumnWidth(0,
        fontMetrics().horizontalAdvance(QStringLiteral("Wait P50 / P95 / P99")) + 24);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 6);
    layout->addLayout(grid);
    auto *row = new QHBoxLayout;
    row->addWidget(m_note, 1);
    row->addWidget(m_reset);
    layout->addLayout(row);
    layout->addWidget(m_answers, 1);
    connect(m_reset, &QPushButton::clicked, this, &PoolWhatIfPanel::reset);
    connect(model, &items::PoolModel::whatIfChanged, this, &PoolWhatIfPanel::showValues);
    showValues();
}

void PoolWhatIfPanel::reset()
{
    if (m_model->measured())
        m_model->setWhatIf(*m_model->measured());
}

void PoolWhatIfPanel::takeValues()
{
    if (m_filling)
        return;
    items::PoolWhatIf input = m_model->whatIf();
    input.size = m_boxes[Size]->value();
    input.instances = m_boxes[Instances]->value();
    input.serviceMs = m_boxes[Service]->value();
    input.ratePerS = m_boxes[Rate]->value();
    input.acquireTimeoutMs = m_boxes[AcquireLimit]->value();
    m_model->setWhatIf(input);
}

void PoolWhatIfPanel::showValues()
{
    m_filling = true;
    const items::PoolWhatIf &input = m_model->whatIf();
    const double values[Fields]{input.size, input.instances, input.serviceMs, input.ratePerS,
        input.acquireTimeoutMs};
    for (int i = 0; i < Fields; ++i) {
        // What was measured may lie beyond the scale.
        m_boxes[i]->setRange(std::min(kFields[i].low, values[i]), std::max(kFields[i].high, values[i]));
        // A value that is being typed must not be rounded under the cursor.
        if (std::abs(m_boxes[i]->value() - values[i]) > 0.5 * std::pow(10.0, -kFields[i].decimals))
            m_boxes[i]->setValue(values[i]);
        m_sliders[i]->setValue(stepOf(kFields[i], values[i]));
    }
    m_filling = false;
    m_reset->setEnabled(m_model->measured() && !(*m_model->measured() == input));
    m_note->setText(m_model->measured()
            ? tr("Assumed: random arrivals, one queue in order. Limits of client and server as configured.")
            : tr("Rate or time held were not measured: these are examples."));
}

} // namespace tailscope::widgets
