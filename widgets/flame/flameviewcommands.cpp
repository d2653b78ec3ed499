// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the flame graph says around the picture, its search and its commands.
#include "base/text.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/searchbar.h"
#include "widgets/flame/flamebreadcrumb.h"
#include "widgets/flame/flamecanvas.h"
#include "widgets/flame/flamesamplescene.h"
#include "widgets/flame/flametimescene.h"
#include "widgets/flame/flametransforms.h"
#include "widgets/flame/flametreescene.h"
#include "widgets/flame/flameview.h"

#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QStackedWidget>
#include <QToolButton>

#include <algorithm>

namespace tailscope::widgets {

void FlameView::refresh()
{
    m_track->setVisible(m_mode == Mode::TimeOrdered && isDrawingSpans());
    updateWording();
    updateNotes();
    updateEmptyState();
    updatePath();
    updateDetails();
    updateReady();
}

void FlameView::updateNotes()
{
    QStringList notes;
    if (m_canvas->wording().isPreview)
        notes << tr("Preview while spans load");
    else if (m_model->isBusy())
        notes << tr("Updating…");
    const auto tree = m_model->tree();
    if (m_mode != Mode::TimeOrdered && tree && tree->tree->droppedNodes > 0) {
        notes << tr("%1 small frames merged into their parents")
                     .arg(QString::fromStdString(groupedCount(tree->tree->droppedNodes)));
    }
    if (const auto lanes = m_model->lanes(); m_sampleScene && lanes) {
        notes << tr("%1 samples, usually %2 apart")
                     .arg(QString::fromStdString(groupedCount(lanes->sampleCount)),
                         QString::fromStdString(humanDuration(lanes->interval)));
        if (lanes->droppedBoxes > 0)
            notes << tr("%1 boxes left out").arg(QString::fromStdString(groupedCount(lanes->droppedBoxes)));
    }
    if (!m_model->merged().empty())
        notes << tr("%1 profiles added up").arg(m_model->merged().size() + 1);
    if (context()->range())
        notes << tr("selected range");
    m_note->setText(notes.join(QStringLiteral(" · ")));
}

void FlameView::updateEmptyState()
{
    const bool hasScene = m_canvas->scene() != nullptr;
    m_stack->setCurrentWidget(hasScene ? static_cast<QWidget *>(m_canvas) : m_empty);
    if (hasScene)
        return;
    const QString icon = QStringLiteral("flame");
    const auto columns = context()->columns();
    const bool hasSpans = columns && columns->size() > 0;
    const bool isNarrowed = context()->range() || !context()->filter().isEmpty();
    const bool isOfSamples = m_mode == Mode::TimeOrdered && !isDrawingSpans();
    if (!m_model->errorText().isEmpty()) {
        m_empty->setContent(icon, tr("The call tree could not be built"), m_model->errorText());
    } else if (m_model->isBusy() || session()->isLoading() || (hasSpans && m_model->tree())) {
        m_empty->setContent(icon, tr("Building the flame graph…"),
            tr("It appears here as soon as the spans are loaded."));
    } else if (isOfSamples) {
        m_empty->setContent(icon, tr("The samples of this profile have no times"),
            tr("It holds sums of stacks. Choose Merged or Callers, or another thread or profile."));
    } else if (!m_model->transforms().empty()) {
        m_empty->setContent(icon, tr("The steps above leave nothing"),
            tr("No stack here has these frames. Take a step out, or all of them."), tr("Remove All Steps"));
    } else if ((hasSpans || !isDrawingSpans()) && isNarrowed) {
        m_empty->setContent(icon, tr("Nothing passes the filter in this range"),
            tr("Take back the last step with Alt+Left, or show everything."), tr("Show Everything"));
    } else if (session()->sources().isEmpty()) {
        m_empty->setContent(icon, tr("No spans or profiles yet"),
            tr("Open a trace or a profile with Ctrl+O, or drop files on the window."));
    } else {
        m_empty->setContent(icon, tr("No spans or profiles in this workspace"),
            tr("The open sources hold neither. Add a trace (OTLP, Chrome) or a profile with Ctrl+O."));
    }
}

void FlameView::updatePath()
{
    FlameScene *scene = m_canvas->scene();
    const std::uint32_t zoomed = m_canvas->zoomedFrame();
    std::vector<FlameBreadcrumb::Step> steps;
    if (scene && zoomed != FlameScene::kNothing && m_canvas->isZoomed()) {
        for (const std::uint32_t id : scene->ancestors(zoomed)) {
            const std::string_view name = scene->nameText(scene->nameIndex(id));
            steps.push_back({id, QString::fromUtf8(name.data(), qsizetype(name.size()))});
        }
    }
    m_path->setVisible(!steps.empty());
    m_path->setPath(std::move(steps));
}

void FlameView::updateDetails()
{
    const FlameScene *scene = m_canvas->scene();
    const std::uint32_t shown = m_canvas->hoveredFrame() != FlameScene::kNothing ? m_canvas->hoveredFrame()
                                                                                 : m_canvas->focusedFrame();
    QString text;
    if (scene && shown != FlameScene::kNothing)
        text = frameLine(scene->figures(shown), m_canvas->wording());
    else if (scene)
        text = selfDefinition(m_canvas->wording());
    m_details->setText(text);
    Q_EMIT statusText(text);
}

void FlameView::updateReady()
{
    const bool ready = isReady();
    if (ready == m_wasReady)
        return;
    m_wasReady = ready;
    Q_EMIT readyChanged();
}

void FlameView::applySearch()
{
    if (m_sampleScene) {
        m_canvas->setSearching(!m_search->text().isEmpty());
    } else if (m_mode == Mode::TimeOrdered) {
        if (m_timeScene)
            m_timeScene->setMatches(m_spanSearch->matches());
        m_canvas->setSearching(m_spanSearch->isActive() && m_spanSearch->matches());
    } else {
        if (m_treeScene)
            m_treeScene->setMatches(m_model->matches());
        m_canvas->setSearching(m_model->isSearching() && m_model->matches());
    }
    updateSearchText();
    updateReady();
}

void FlameView::updateSearchText()
{
    if (m_search->text().isEmpty()) {
        m_search->setResultText({});
        return;
    }
    const auto count = [](std::int64_t n) {
        return n == 1 ? tr("1 match") : tr("%1 matches").arg(QString::fromStdString(groupedCount(n)));
    };
    QString text;
    if (m_sampleScene) {
        text = count(m_sampleScene->matchCount());
    } else if (m_mode == Mode::TimeOrdered) {
        if (const auto matches = m_spanSearch->matches()) {
            text = count(matches->count);
            if (matches->allSelfNs > 0)
                text = tr("%1, %2 of the self time")
                           .arg(text, shareText(matches->selfNs / matches->allSelfNs));
        }
    } else if (const auto matches = m_model->matches()) {
        text = count(std::int64_t(matches->nodes.size()));
        if (m_model->tree() && m_model->tree()->total() > 0)
            text = tr("%1, %2 of all").arg(text, shareText(matches->weight / m_model->tree()->total()));
    }
    m_search->setResultText(text);
}

void FlameView::walkMatches(bool forward)
{
    const std::uint32_t focus = m_canvas->focusedFrame();
    if (m_sampleScene) {
        const std::uint32_t next = m_sampleScene->nextMatch(focus, forward);
        if (next != FlameScene::kNothing)
            revealFrame(next);
        return;
    }
    if (m_mode == Mode::TimeOrdered) {
        m_spanSearch->step(focus, m_timeScene ? m_timeScene->origin() : 0, forward);
        return;
    }
    const auto matches = m_model->matches();
    if (!matches || matches->nodes.empty() || !m_treeScene)
        return;
    const auto &nodes = matches->nodes;
    const auto here = std::find(nodes.begin(), nodes.end(), focus);
    std::size_t next = forward ? 0 : nodes.size() - 1;
    if (here != nodes.end()) {
        const auto index = std::size_t(here - nodes.begin());
        next = forward ? (index + 1) % nodes.size() : (index + nodes.size() - 1) % nodes.size();
    }
    revealFrame(nodes[next]);
}

void FlameView::revealFrame(quint32 id)
{
    FlameScene *scene = m_canvas->scene();
    if (!scene)
        return;
    m_canvas->setFocusedFrame(id, true);
    const auto [begin, end] = scene->placeOf(id);
    const double middle = (begin + end) / 2;
    const double pixels = (end - begin) / (m_canvas->high() - m_canvas->low()) * m_canvas->width();
    if (scene->isTimeAxis()) {
        // A span keeps the scale; the window moves to it, and comes closer only where it could not be seen.
        double length = m_canvas->high() - m_canvas->low();
        if (pixels < 2)
            length = (end - begin) * 20;
        if (pixels < 2 || begin < m_canvas->low() || end > m_canvas->high())
            m_canvas->setWindow(middle - length / 2, middle + length / 2, true);
    } else if (begin < m_canvas->low() || end > m_canvas->high() || m_canvas->frameRect(id).isEmpty()) {
        m_canvas->resetZoom();
        if (m_canvas->frameRect(id).isEmpty())
            m_canvas->zoomToFrame(id);
    }
    m_canvas->setFocusedFrame(id, true);
}

void FlameView::selectFrame(quint32 id)
{
    const FlameScene *scene = m_canvas->scene();
    if (!scene)
        return;
    const FlameFigures figures = scene->figures(id);
    if (m_sampleScene) {
        context()->setSelection(
            {session::Selection::Kind::Frame, m_model->profile().value_or(0), figures.name});
    } else if (m_mode == Mode::TimeOrdered) {
        context()->setSelection(
            {session::Selection::Kind::Span, m_timeScene->columns().id(id), figures.name});
    } else if (id != 0) {
        const auto kind
            = isDrawingSpans() ? session::Selection::Kind::Operation : session::Selection::Kind::Frame;
        context()->setSelection({kind, isDrawingSpans() ? 0 : m_model->profile().value_or(0), figures.name});
    }
}

void FlameView::openMenu(const QPoint &globalPosition)
{
    const FlameScene *scene = m_canvas->scene();
    FlameMenuState state;
    state.isZoomed = m_canvas->isZoomed();
    state.hasFrame = scene && m_canvas->focusedFrame() != FlameScene::kNothing;
    if (state.hasFrame) {
        const FlameFigures figures = scene->figures(m_canvas->focusedFrame());
        const bool isRoot = m_mode != Mode::TimeOrdered && m_canvas->focusedFrame() == 0;
        state.isSpan = isDrawingSpans() && !isRoot && !m_canvas->wording().isPreview;
        const auto columns = context()->columns();
        state.isProfile = !isDrawingSpans() && !isRoot;
        state.canNarrow = m_mode != Mode::TimeOrdered && !isRoot && !m_canvas->wording().isPreview;
        state.isBottomUp = m_mode == Mode::Callers;
        state.module = figures.group;
        state.hasExample = isDrawingSpans() && columns && figures.exampleRow < columns->size();
    }
    state.isTime = scene && scene->isTimeAxis();
    state.canCompare = m_model->profiles().size() > 1 || context()->baseline().has_value();
    QMenu *menu = makeFlameMenu(
        this, state, [this](FlameCommand command) { run(command); },
        [this](analysis::TreeTransform::Kind kind) { narrow(kind); });
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->popup(globalPosition);
}

void FlameView::run(FlameCommand command)
{
    const FlameScene *scene = m_canvas->scene();
    const std::uint32_t frame = m_canvas->focusedFrame();
    const bool hasFrame = scene && frame != FlameScene::kNothing;
    const auto copy = [](const QString &text) { QGuiApplication::clipboard()->setText(text); };
    switch (command) {
    case FlameCommand::Zoom:
        m_canvas->zoomToFrame(frame);
        break;
    case FlameCommand::ZoomOut:
        m_canvas->zoomOut();
        break;
    case FlameCommand::ResetZoom:
        m_canvas->resetZoom();
        break;
    case FlameCommand::CopyName:
        if (hasFrame)
            copy(scene->figures(frame).name);
        break;
    case FlameCommand::CopyStack:
        if (hasFrame)
            copy(stackText(scene->stack(frame)));
        break;
    case FlameCommand::CopyRow:
        if (hasFrame)
            copy(frameTsv(scene->figures(frame)));
        break;
    case FlameCommand::Search:
        if (hasFrame) {
            m_search->activate();
            if (auto *edit = m_search->findChild<QLineEdit *>())
                edit->setText(scene->figures(frame).name);
        }
        break;
    case FlameCommand::Filter:
        if (hasFrame)
            filterToFrame(scene->figures(frame).name);
        break;
    case FlameCommand::ShowInTimeline:
        if (const auto columns = context()->columns(); hasFrame && columns) {
            const FlameFigures figures = scene->figures(frame);
            if (figures.exampleRow < columns->size()) {
                context()->setSelection(
                    {session::Selection::Kind::Span, columns->id(figures.exampleRow), figures.name});
                Q_EMIT openViewRequested(QStringLiteral("timeline"));
            }
        }
        break;
    case FlameCommand::ShowFunctions:
        if (hasFrame)
            selectFrame(frame);
        Q_EMIT openViewRequested(QStringLiteral("functions"));
        break;
    case FlameCommand::OpenSource:
        if (hasFrame)
            openSourceOf(scene->figures(frame));
        break;
    case FlameCommand::Compare:
        Q_EMIT openViewRequested(QStringLiteral("flamediff"));
        break;
    case FlameCommand::NarrowToWindow:
        narrowToWindow();
        break;
    case FlameCommand::ShowSql:
        Q_EMIT sqlRequested(showSql());
        break;
    case FlameCommand::Export:
        exportWithDialog();
        break;
    }
}

bool FlameView::narrow(analysis::TreeTransform::Kind kind)
{
    const bool isTree = m_treeScene && m_canvas->scene() == m_treeScene.get();
    const std::uint32_t frame = m_canvas->focusedFrame();
    if (!isTree || frame == FlameScene::kNothing || m_treeScene->tree().isPreview)
        return false;
    const auto transform = transformFor(kind, *m_treeScene->tree().tree, frame, m_mode == Mode::Callers);
    if (!transform)
        return false;
    m_canvas->resetZoom();
    m_transforms->add(*transform);
    return true;
}

void FlameView::keyPressEvent(QKeyEvent *event)
{
    const auto kind = m_mode == Mode::TimeOrdered ? std::nullopt : transformOfKey(*event);
    if (!kind || !narrow(*kind))
        View::keyPressEvent(event);
}

void FlameView::openSourceOf(const FlameFigures &figures) { m_model->locate(figures.name, figures.group); }

void FlameView::narrowToWindow()
{
    const FlameScene *scene = m_canvas->scene();
    if (scene && scene->isTimeAxis())
        context()->setRange(TimeRange{saturatingAdd(scene->origin(), Nanos(m_canvas->low())),
            saturatingAdd(scene->origin(), Nanos(m_canvas->high()))});
}

void FlameView::filterToFrame(const QString &name)
{
    QString quoted = name;
    quoted.replace(QLatin1Char('\\'), QStringLiteral("\\\\"))
        .replace(QLatin1Char('"'), QStringLiteral("\\\""));
    context()->narrow(QStringLiteral("operation=\"%1\"").arg(quoted));
}

void FlameView::exportWithDialog()
{
    auto *dialog = new QFileDialog(this, tr("Export Picture"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({tr("PNG picture (*.png)"), tr("SVG picture (*.svg)")});
    dialog->setDefaultSuffix(QStringLiteral("png"));
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString &filter) {
        const bool isSvg = filter.contains(QLatin1String("*.svg"));
        dialog->setDefaultSuffix(isSvg ? QStringLiteral("svg") : QStringLiteral("png"));
    });
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        const QString problem = exportPicture(path);
        if (!problem.isEmpty())
            m_banner->show(Banner::Level::Warning, problem);
    });
    dialog->open();
}

} // namespace tailscope::widgets
