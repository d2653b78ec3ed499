// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flamesource.h"

#include "base/text.h"
#include "items/flameweights.h"
#include "widgets/base/elidedcombobox.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QMenu>
#include <QToolButton>

#include <algorithm>

namespace tailscope::widgets {

namespace {

constexpr int kSpans = -1; ///< item data of "All spans"

QString groupedText(qint64 count) { return QString::fromStdString(groupedCount(count)); }

QComboBox *makeBox(QWidget *parent, const QString &name, const QString &tip, int letters)
{
    auto *box = new ElidedComboBox(parent);
    box->setAccessibleName(name);
    box->setToolTip(tip);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(letters);
    box->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    box->setMaximumWidth(parent->fontMetrics().averageCharWidth() * 44);
    return box;
}

} // namespace

FlameSource::FlameSource(session::Session *session, items::FlameModel *model, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_model(model)
    , m_box(makeBox(this, tr("Source"), tr("Spans or a stored profile"), 7))
    , m_thread(makeBox(this, tr("Thread"), tr("Samples of one thread, with their number"), 7))
    , m_merge(new QToolButton(this))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    m_merge->setText(QStringLiteral("+"));
    m_merge->setAutoRaise(true);
    m_merge->setAccessibleName(tr("Add profiles"));
    m_merge->setToolTip(tr(
        "Add the weights of further profiles of the same unit. Bytes, samples and times are never added."));
    m_merge->setPopupMode(QToolButton::InstantPopup);
    m_merge->setMenu(new QMenu(m_merge));
    layout->addWidget(m_box, 3);
    layout->addWidget(m_merge);
    layout->addWidget(m_thread, 2);
    layout->addStretch(); // past their largest widths the boxes stay on the left
    connect(m_merge->menu(), &QMenu::aboutToShow, this, &FlameSource::fillMergeMenu);
    connect(m_box, &QComboBox::activated, this, &FlameSource::choose);
    connect(m_thread, &QComboBox::activated, this, [this](int index) {
        m_model->setThread(index <= 0 ? std::nullopt : std::optional(m_thread->itemData(index).toString()));
        Q_EMIT changed();
    });
    connect(model, &items::FlameModel::profilesChanged, this, &FlameSource::fill);
    connect(model, &items::FlameModel::threadsChanged, this, &FlameSource::fillThreads);
    connect(session->context(), &session::SessionContext::dataChanged, this, &FlameSource::fill);
    connect(session, &session::Session::loaded, this, &FlameSource::fill);
    fill();
}

void FlameSource::fill()
{
    const QSignalBlocker blocker(m_box);
    m_box->clear();
    m_box->addItem(tr("All spans"), kSpans);
    for (const items::FlameProfile &profile : m_model->profiles()) {
        m_box->addItem(profile.label(), profile.id);
        m_box->setItemData(m_box->count() - 1,
            tr("%1 samples, %2")
                .arg(groupedText(profile.sampleCount),
                    items::exactWeightText(profile.totalWeight, profile.unit)),
            Qt::ToolTipRole);
    }
    if (m_wanted && !m_model->profiles().empty()) {
        int index = m_box->findText(*m_wanted);
        for (const items::FlameProfile &profile : m_model->profiles()) {
            if (index < 0 && profile.title() == *m_wanted) // without the file
                index = m_box->findData(profile.id);
        }
        if (index > 0)
            m_model->setProfile(m_box->itemData(index).toLongLong());
        m_wanted.reset();
        m_isChosen = index > 0;
    }
    const auto columns = m_session->context()->columns();
    const bool hasSpans = columns && columns->size() > 0;
    if (!m_isChosen && !m_session->isLoading()) {
        // Without spans the first profile is what there is to see.
        const bool useProfile = !hasSpans && !m_model->profiles().empty();
        m_model->setProfile(useProfile ? std::optional(m_model->profiles().front().id) : std::nullopt);
    }
    m_box->setCurrentIndex(
        std::max(0, m_box->findData(m_model->profile() ? QVariant(*m_model->profile()) : QVariant(kSpans))));
    fillThreads();
    Q_EMIT changed();
}

void FlameSource::fillThreads()
{
    const QSignalBlocker blocker(m_thread);
    m_thread->clear();
    const auto &threads = m_model->threads();
    m_thread->addItem(tr("All threads"));
    for (const analysis::ProfileThread &thread : threads) {
        const QString name = QString::fromStdString(thread.name);
        m_thread->addItem(
            tr("%1 (%2 samples)").arg(name.isEmpty() ? tr("no thread") : name, groupedText(thread.samples)),
            name);
    }
    if (m_wantedThread && !threads.empty()) {
        if (m_thread->findData(*m_wantedThread) > 0)
            m_model->setThread(m_wantedThread);
        m_wantedThread.reset();
    }
    m_thread->setCurrentIndex(m_model->thread() ? std::max(0, m_thread->findData(*m_model->thread())) : 0);
    m_thread->setVisible(threads.size() > 1);
    const auto *chosen = m_model->currentProfile();
    m_merge->setVisible(chosen
        && std::count_if(m_model->profiles().begin(), m_model->profiles().end(),
               [&](const items::FlameProfile &p) { return p.unit == chosen->unit; })
            > 1);
}

void FlameSource::choose(int index)
{
    const qint64 id = m_box->itemData(index).toLongLong();
    m_isChosen = true;
    m_model->setProfile(id == kSpans ? std::nullopt : std::optional(id));
    fillThreads();
    Q_EMIT changed();
}

void FlameSource::showProfile(qint64 id)
{
    const int index = m_box->findData(id);
    if (index <= 0 || m_model->profile() == id)
        return;
    m_box->setCurrentIndex(index);
    choose(index);
}

void FlameSource::fillMergeMenu()
{
    QMenu *menu = m_merge->menu();
    menu->clear();
    const items::FlameProfile *chosen = m_model->currentProfile();
    if (!chosen)
        return;
    menu->addSection(tr("Add to %1").arg(chosen->label()));
    for (const items::FlameProfile &profile : m_model->profiles()) {
        if (profile.id == chosen->id || profile.unit != chosen->unit)
            continue;
        QAction *action = menu->addAction(profile.label());
        action->setCheckable(true);
        const auto &merged = m_model->merged();
        action->setChecked(std::find(merged.begin(), merged.end(), profile.id) != merged.end());
        connect(action, &QAction::toggled, this, [this, id = profile.id](bool on) {
            std::vector<qint64> others = m_model->merged();
            std::erase(others, id);
            if (on)
                others.push_back(id);
            m_model->setMerged(std::move(others));
            Q_EMIT changed();
        });
    }
}

void FlameSource::saveState(QJsonObject &state) const
{
    const items::FlameProfile *profile = m_model->currentProfile();
    state.insert(QStringLiteral("profile"), profile ? profile->label() : QString());
    if (m_model->thread())
        state.insert(QStringLiteral("thread"), *m_model->thread());
}

void FlameSource::restoreState(const QJsonObject &state)
{
    if (const QString profile = state.value(QStringLiteral("profile")).toString(); !profile.isEmpty())
        m_wanted = profile;
    if (state.contains(QStringLiteral("thread")))
        m_wantedThread = state.value(QStringLiteral("thread")).toString();
    fill();
}

} // namespace tailscope::widgets
