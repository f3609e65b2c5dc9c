"""What is folded on a page, as it stands on paper, where nothing opens."""


def unfold(soup):
    """Open notes and boxes. Code that draws or checks is left out; of a check stays what it checks and has found."""
    for fold in soup.select(".tag_hide-input > details.fold"):
        if fold.find_previous_sibling() or not fold.find_next_sibling():
            fold.decompose()  # the code of a figure, which stands before it, or of something that shows nothing
        else:
            name = fold.summary.extract()
            name.name, name["class"] = "p", ["check-name"]
            fold.replace_with(name)
    for fold in soup.select("details"):
        fold.name = "div"
        fold.summary.name = "p"
    for note in soup.select(".admonition.dropdown"):
        note["class"].remove("dropdown")
    for output in soup.select(".cell_output"):
        if output.get_text().strip().startswith("Not answered yet."):
            output.decompose()


def gather_answers(soup):
    """Move hints, answers and solutions to the end of the chapter, each below the name of its exercise."""
    gathered = {}
    for answer in soup.select("details.sd-dropdown, .tag_hide-cell > details.fold"):
        exercise = answer.find_parent("section")
        gathered.setdefault(exercise["id"], []).append(answer)
    if not gathered:
        return
    end = new(soup, "section", id="of-the-exercises", **{"class": "answers"})
    end.append(new(soup, "h2", "Hints and solutions", id="hints-and-solutions"))
    for key, answers in gathered.items():
        exercise = soup.find(id=key)
        names = [answer.summary.get_text().strip() for answer in answers]
        names = list(dict.fromkeys([names[0], *map(str.lower, names[1:])]))
        line = new(soup, "p", " at the end of the chapter.", **{"class": "see-answers"})
        line.insert(0, new(soup, "a", " and ".join(names), href=f"#answer-{key}"))
        answers[0].insert_before(line)
        name = new(soup, "p", id=f"answer-{key}", **{"class": "exercise"})
        name.append(new(soup, "a", exercise.find(["h2", "h3", "h4"]).get_text().strip(), href=f"#{key}"))
        end.append(name)
        end.extend([answer.extract() for answer in answers])
    soup.find("section").append(end)


def new(soup, name, text="", **attributes):
    """Return a new element."""
    element = soup.new_tag(name, attrs=attributes)
    if text:
        element.string = text
    return element
