// The listening page.  Written for old browsers too: no arrow functions, no promises taken for granted.

(function () {
  "use strict";
  var HEARD_S = 1; // a touch by mistake ends sooner
  var button = document.getElementById("play");
  var player = document.getElementById("sound");
  var told = !player.getAttribute("data-heard");

  function tell(state) {
    button.setAttribute("data-state", state);
    var word = state === "idle" ? "data-play" : "data-pause";
    document.getElementById("do").textContent = button.getAttribute(word);
  }

  function fail() {
    tell("idle");
    document.getElementById("problem").hidden = false;
    player.load(); // a player that failed once would never ask again
  }

  function tellHeard() {
    if (told) return;
    told = true;
    var request = new XMLHttpRequest();
    request.open("POST", player.getAttribute("data-heard"));
    request.onerror = function () { told = false; };
    request.send();
  }

  function follow() {
    if (player.currentTime >= HEARD_S || player.ended) tellHeard();
    if (player.duration) document.getElementById("done").value = player.currentTime / player.duration;
  }

  function press() {
    if (!player.paused) return player.pause();
    document.getElementById("problem").hidden = true;
    tell("loading");
    var began = player.play();
    if (began && began.catch) began.catch(function (problem) { if (problem.name !== "AbortError") fail(); });
  }

  button.addEventListener("click", press);
  player.addEventListener("playing", function () { tell("playing"); });
  player.addEventListener("waiting", function () { tell("loading"); });
  player.addEventListener("pause", function () { tell("idle"); });
  player.addEventListener("ended", function () { follow(); tell("idle"); });
  player.addEventListener("timeupdate", follow);
  player.addEventListener("error", fail);
  tell("idle");
})();
